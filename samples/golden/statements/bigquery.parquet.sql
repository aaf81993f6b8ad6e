CREATE TABLE IF NOT EXISTS `lake`.`messages` (
  `id` INT64,
  `at` TIMESTAMP,
  `user` STRING,
  `flag` BOOL,
  `list` JSON,
  `metadata__big` BIGNUMERIC,
  `metadata__ratio` FLOAT64,
  `metadata__rest` JSON,
  PRIMARY KEY (`id`) NOT ENFORCED
)
PARTITION BY DATE(`at`);
ALTER TABLE `lake`.`messages` ADD COLUMN IF NOT EXISTS `metadata__big` BIGNUMERIC;
ALTER TABLE `lake`.`messages` ADD COLUMN IF NOT EXISTS `metadata__ratio` FLOAT64;

-- window 2026-11-01
LOAD DATA OVERWRITE TEMP TABLE `agentsight_rows_1_1`
FROM FILES (format = 'PARQUET', uris = ['gs://b/p/m/it\'s.gz']);
BEGIN TRANSACTION;
DELETE FROM `lake`.`messages` WHERE `at` >= TIMESTAMP '2026-10-31T23:00:00Z' AND `at` < TIMESTAMP '2026-11-01T23:00:00Z';
DELETE FROM `lake`.`messages` WHERE `id` IN (SELECT `id` FROM `agentsight_rows_1_1`);
INSERT INTO `lake`.`messages` (`id`, `at`, `user`, `flag`, `list`, `metadata__big`, `metadata__ratio`, `metadata__rest`)
SELECT
  `id`,
  `at`,
  `user`,
  `flag`,
  PARSE_JSON(`list`, wide_number_mode => 'round'),
  CAST(`metadata__big` AS BIGNUMERIC),
  `metadata__ratio`,
  PARSE_JSON(`metadata__rest`, wide_number_mode => 'round')
FROM `agentsight_rows_1_1`;
COMMIT TRANSACTION;
