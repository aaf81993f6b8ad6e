CREATE TABLE IF NOT EXISTS `lake`.`raw__agentsight_loads` (
  `pipeline` STRING,
  `agent` STRING,
  `window` STRING,
  `window_start` TIMESTAMP,
  `window_end` TIMESTAMP,
  `table` STRING,
  `content_sha256` STRING,
  `rows` INT64,
  `run` STRING,
  `loaded_at` TIMESTAMP
);
CREATE TABLE IF NOT EXISTS `lake`.`raw__agentsight_deleted` (
  `table` STRING,
  `id` INT64,
  `pipeline` STRING,
  `agent` STRING,
  `window` STRING,
  `deleted_at` TIMESTAMP
);
CREATE TABLE IF NOT EXISTS `lake`.`raw_messages` (
  `id` INT64,
  `at` TIMESTAMP,
  `user` STRING,
  `flag` BOOL,
  `list` JSON,
  `metadata__big` BIGNUMERIC,
  `metadata__ratio` FLOAT64,
  `metadata__rest` JSON,
  `_pipeline` STRING,
  `_agent` STRING,
  `_window` STRING,
  `_row_digest` INT64,
  `_loaded_at` TIMESTAMP,
  `_changed_at` TIMESTAMP
)
PARTITION BY DATE(`at`);
ALTER TABLE `lake`.`raw_messages` ADD COLUMN IF NOT EXISTS `metadata__big` BIGNUMERIC;
ALTER TABLE `lake`.`raw_messages` ADD COLUMN IF NOT EXISTS `metadata__ratio` FLOAT64;
-- window 2026-11-01
IF NOT EXISTS (SELECT 1 FROM `lake`.`raw__agentsight_loads` WHERE `pipeline` = 'p' AND `agent` = '' AND `table` = 'messages' AND `window` = '2026-11-01' AND `content_sha256` = '') THEN
LOAD DATA OVERWRITE TEMP TABLE `agentsight_rows_1` (doc STRING)
FROM FILES (format = 'CSV', uris = ['gs://b/p/m/it\'s.gz'], field_delimiter = '\x02', quote = '', compression = 'GZIP');
BEGIN
BEGIN TRANSACTION;
INSERT INTO `lake`.`raw__agentsight_deleted` (`table`, `id`, `pipeline`, `agent`, `window`, `deleted_at`)
SELECT 'messages', `id`, `_pipeline`, `_agent`, `_window`, CURRENT_TIMESTAMP()
FROM `lake`.`raw_messages` WHERE `_pipeline` = 'p' AND `_agent` = '' AND (`_window` = '2026-11-01' OR `_window` IN (SELECT `window` FROM `lake`.`raw__agentsight_loads` WHERE `pipeline` = 'p' AND `agent` = '' AND `table` = 'messages' AND `window` <> '2026-11-01' AND `window_start` >= CAST('2026-10-31T23:00:00Z' AS TIMESTAMP) AND `window_end` <= CAST('2026-11-01T23:00:00Z' AS TIMESTAMP))) AND `id` NOT IN (SELECT CAST(JSON_VALUE(doc, '$."id"') AS INT64) FROM `agentsight_rows_1`);
DELETE FROM `lake`.`raw_messages` WHERE `_pipeline` = 'p' AND `_agent` = '' AND (`_window` = '2026-11-01' OR `_window` IN (SELECT `window` FROM `lake`.`raw__agentsight_loads` WHERE `pipeline` = 'p' AND `agent` = '' AND `table` = 'messages' AND `window` <> '2026-11-01' AND `window_start` >= CAST('2026-10-31T23:00:00Z' AS TIMESTAMP) AND `window_end` <= CAST('2026-11-01T23:00:00Z' AS TIMESTAMP)));
INSERT INTO `lake`.`raw_messages` (`id`, `at`, `user`, `flag`, `list`, `metadata__big`, `metadata__ratio`, `metadata__rest`, `_pipeline`, `_agent`, `_window`, `_row_digest`, `_loaded_at`, `_changed_at`)
SELECT
  CAST(JSON_VALUE(doc, '$."id"') AS INT64),
  CAST(JSON_VALUE(doc, '$."at"') AS TIMESTAMP),
  COALESCE(JSON_VALUE(doc, '$."user"'), NULLIF(JSON_QUERY(doc, '$."user"'), 'null')),
  CAST(JSON_VALUE(doc, '$."flag"') AS BOOL),
  PARSE_JSON(JSON_QUERY(doc, '$."list"'), wide_number_mode => 'round'),
  CAST(JSON_VALUE(doc, '$."metadata__big"') AS BIGNUMERIC),
  CAST(JSON_VALUE(doc, '$."metadata__ratio"') AS FLOAT64),
  PARSE_JSON(JSON_QUERY(doc, '$."metadata__rest"'), wide_number_mode => 'round'),
  'p',
  '',
  '2026-11-01',
  CAST(NULL AS INT64),
  CURRENT_TIMESTAMP(),
  CURRENT_TIMESTAMP()
FROM `agentsight_rows_1`;
DELETE FROM `lake`.`raw__agentsight_deleted` WHERE `table` = 'messages' AND `pipeline` = 'p' AND `agent` = '' AND `id` IN (SELECT `id` FROM `lake`.`raw_messages` WHERE `_pipeline` = 'p' AND `_agent` = '');
DELETE FROM `lake`.`raw__agentsight_loads` WHERE ((`pipeline` = 'p' AND `agent` = '' AND `table` = 'messages' AND `window` = '2026-11-01') OR (`pipeline` = 'p' AND `agent` = '' AND `table` = 'messages' AND `window` <> '2026-11-01' AND `window_start` >= CAST('2026-10-31T23:00:00Z' AS TIMESTAMP) AND `window_end` <= CAST('2026-11-01T23:00:00Z' AS TIMESTAMP)));
INSERT INTO `lake`.`raw__agentsight_loads` (`pipeline`, `agent`, `window`, `window_start`, `window_end`, `table`, `content_sha256`, `rows`, `run`, `loaded_at`)
SELECT 'p', '', '2026-11-01', CAST('2026-10-31T23:00:00Z' AS TIMESTAMP), CAST('2026-11-01T23:00:00Z' AS TIMESTAMP), 'messages', '', 1, 'r', CURRENT_TIMESTAMP();
ASSERT NOT EXISTS (SELECT 1 FROM (SELECT COUNT(*) AS found_rows, COUNT(DISTINCT 1) AS found_ids FROM `lake`.`raw_messages` WHERE `_pipeline` = 'p' AND `_agent` = '' AND `_window` = '2026-11-01') AS found WHERE found_rows <> 1) AS 'window 2026-11-01 of messages: the rows differ from the manifest, nothing was changed';
COMMIT TRANSACTION;
EXCEPTION WHEN ERROR THEN
ROLLBACK TRANSACTION;
RAISE;
END;
END IF;
