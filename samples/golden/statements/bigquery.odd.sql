CREATE TABLE IF NOT EXISTS `lake`.`messages` (
  `id` INT64,
  `at` TIMESTAMP,
  `user` STRING,
  `flag` BOOL,
  `list` JSON,
  `metadata__big` BIGNUMERIC,
  `metadata__ratio` FLOAT64,
  `metadata__rest` JSON,
  `USER_92b7b421` JSON,
  PRIMARY KEY (`id`) NOT ENFORCED
)
PARTITION BY DATE(`at`);
ALTER TABLE `lake`.`messages` ADD COLUMN IF NOT EXISTS `metadata__big` BIGNUMERIC;
ALTER TABLE `lake`.`messages` ADD COLUMN IF NOT EXISTS `metadata__ratio` FLOAT64;

-- window 2026-11-01
LOAD DATA OVERWRITE TEMP TABLE `agentsight_rows_1_1` (doc STRING)
FROM FILES (format = 'CSV', uris = ['gs://b/p/m/it\'s.gz'], field_delimiter = '\x02', quote = '', compression = 'GZIP');
BEGIN TRANSACTION;
DELETE FROM `lake`.`messages` WHERE `at` >= TIMESTAMP '2026-10-31T23:00:00Z' AND `at` < TIMESTAMP '2026-11-01T23:00:00Z';
DELETE FROM `lake`.`messages` WHERE `id` IN (SELECT CAST(JSON_VALUE(doc, '$."id"') AS INT64) FROM `agentsight_rows_1_1`);
INSERT INTO `lake`.`messages` (`id`, `at`, `user`, `flag`, `list`, `metadata__big`, `metadata__ratio`, `metadata__rest`, `USER_92b7b421`)
SELECT
  CAST(JSON_VALUE(doc, '$."id"') AS INT64),
  CAST(JSON_VALUE(doc, '$."at"') AS TIMESTAMP),
  COALESCE(JSON_VALUE(doc, '$."user"'), NULLIF(JSON_QUERY(doc, '$."user"'), 'null')),
  CAST(JSON_VALUE(doc, '$."flag"') AS BOOL),
  PARSE_JSON(JSON_QUERY(doc, '$."list"'), wide_number_mode => 'round'),
  CAST(JSON_VALUE(doc, '$."metadata__big"') AS BIGNUMERIC),
  CAST(JSON_VALUE(doc, '$."metadata__ratio"') AS FLOAT64),
  PARSE_JSON(JSON_QUERY(doc, '$."metadata__rest"'), wide_number_mode => 'round'),
  PARSE_JSON(JSON_QUERY(doc, '$."USER"'), wide_number_mode => 'round')
FROM `agentsight_rows_1_1`;
COMMIT TRANSACTION;
