CREATE TABLE IF NOT EXISTS `lake`.`messages` (
  `id` Int64,
  `at` DateTime64(6, 'UTC'),
  `user` Nullable(String),
  `flag` Nullable(Bool),
  `list` Nullable(String),
  `metadata__big` Nullable(Decimal(76, 38)),
  `metadata__ratio` Nullable(Float64),
  `metadata__rest` Nullable(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`at`)
ORDER BY (`at`, `id`);
ALTER TABLE `lake`.`messages` ADD COLUMN IF NOT EXISTS `metadata__big` Nullable(Decimal(76, 38));
ALTER TABLE `lake`.`messages` ADD COLUMN IF NOT EXISTS `metadata__ratio` Nullable(Float64);
ALTER TABLE `lake`.`messages` MODIFY COLUMN `metadata__big` Nullable(Decimal(76, 38));
ALTER TABLE `lake`.`messages` MODIFY COLUMN `metadata__ratio` Nullable(Float64);

-- window 2026-11-01
DELETE FROM `lake`.`messages` WHERE (`at` >= parseDateTime64BestEffort('2026-10-31T23:00:00Z', 6, 'UTC') AND `at` < parseDateTime64BestEffort('2026-11-01T23:00:00Z', 6, 'UTC'))
  OR `id` IN (SELECT `id` FROM s3('gs://b/p/m/it\'s.gz', 'Parquet', '`id` Nullable(Int64), `at` Nullable(DateTime64(6, \'UTC\')), `user` Nullable(String), `flag` Nullable(Bool), `list` Nullable(String), `metadata__big` Nullable(Decimal(76, 38)), `metadata__ratio` Nullable(Float64), `metadata__rest` Nullable(String)', 'none')
SETTINGS input_format_null_as_default = 0, input_format_parquet_allow_missing_columns = 0);
INSERT INTO `lake`.`messages` (`id`, `at`, `user`, `flag`, `list`, `metadata__big`, `metadata__ratio`, `metadata__rest`)
SELECT `id`, `at`, `user`, `flag`, `list`, `metadata__big`, `metadata__ratio`, `metadata__rest`
FROM s3('gs://b/p/m/it\'s.gz', 'Parquet', '`id` Nullable(Int64), `at` Nullable(DateTime64(6, \'UTC\')), `user` Nullable(String), `flag` Nullable(Bool), `list` Nullable(String), `metadata__big` Nullable(Decimal(76, 38)), `metadata__ratio` Nullable(Float64), `metadata__rest` Nullable(String)', 'none')
SETTINGS input_format_null_as_default = 0, input_format_parquet_allow_missing_columns = 0;
