CREATE TABLE IF NOT EXISTS "lake"."raw__agentsight_loads" (
  "pipeline" VARCHAR,
  "agent" VARCHAR,
  "window" VARCHAR,
  "window_start" TIMESTAMPTZ,
  "window_end" TIMESTAMPTZ,
  "table" VARCHAR,
  "content_sha256" VARCHAR,
  "rows" BIGINT,
  "run" VARCHAR,
  "loaded_at" TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS "lake"."raw__agentsight_deleted" (
  "table" VARCHAR,
  "id" BIGINT,
  "pipeline" VARCHAR,
  "agent" VARCHAR,
  "window" VARCHAR,
  "deleted_at" TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS "lake"."raw_messages" (
  "id" BIGINT,
  "at" TIMESTAMPTZ,
  "user" VARCHAR,
  "flag" BOOLEAN,
  "list" JSON,
  "metadata__big" VARCHAR,
  "metadata__ratio" DOUBLE,
  "metadata__rest" JSON,
  "_pipeline" VARCHAR,
  "_agent" VARCHAR,
  "_window" VARCHAR,
  "_row_digest" BIGINT,
  "_loaded_at" TIMESTAMPTZ,
  "_changed_at" TIMESTAMPTZ
);
ALTER TABLE "lake"."raw_messages" ADD COLUMN IF NOT EXISTS "metadata__big" VARCHAR;
ALTER TABLE "lake"."raw_messages" ADD COLUMN IF NOT EXISTS "metadata__ratio" DOUBLE;
DROP TABLE IF EXISTS agentsight_fit;
CREATE TEMPORARY TABLE agentsight_fit AS SELECT CASE
WHEN EXISTS (SELECT 1 FROM (DESCRIBE "lake"."raw__agentsight_loads") WHERE column_name = 'digest_sum') THEN error('"lake"."raw__agentsight_loads" is the ledger of load: give this script another --prefix or --namespace')
WHEN EXISTS (SELECT 1 FROM (DESCRIBE "lake"."raw_messages") AS found JOIN (VALUES ('id', 'BIGINT'), ('at', 'TIMESTAMP WITH TIME ZONE'), ('user', 'VARCHAR'), ('flag', 'BOOLEAN'), ('list', 'JSON'), ('metadata__big', 'VARCHAR'), ('metadata__ratio', 'DOUBLE'), ('metadata__rest', 'JSON')) AS wanted (name, type) ON found.column_name = wanted.name WHERE found.column_type <> wanted.type) THEN error('a column of "lake"."raw_messages" has another type than in this export: change its type, or give this script another --prefix')
ELSE 1 END AS fit;
-- window 2026-11-01
BEGIN TRANSACTION;
CREATE OR REPLACE TEMPORARY TABLE agentsight_due AS SELECT 1 AS due FROM agentsight_fit WHERE NOT EXISTS (SELECT 1 FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" = '2026-11-01' AND "content_sha256" = '');
CREATE OR REPLACE TEMPORARY TABLE agentsight_rows_1 AS
SELECT "id" AS "id", "at" AS "at", "user" AS "user", "flag" AS "flag", nullif("list", 'null') AS "list", "metadata__big" AS "metadata__big", "metadata__ratio" AS "metadata__ratio", nullif("metadata__rest", 'null') AS "metadata__rest"
FROM read_csv('gs://b/p/m/it''s.gz', compression = 'gzip', columns = {'id': 'BIGINT', 'at': 'TIMESTAMPTZ', 'user': 'VARCHAR', 'flag': 'BOOLEAN', 'list': 'JSON', 'metadata__big': 'VARCHAR', 'metadata__ratio': 'DOUBLE', 'metadata__rest': 'JSON'}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, strict_mode = true, max_line_size = 134217728, buffer_size = 268435456)
WHERE EXISTS (SELECT 1 FROM agentsight_due);
INSERT INTO "lake"."raw__agentsight_deleted" ("table", "id", "pipeline", "agent", "window", "deleted_at")
SELECT 'messages', "id", "_pipeline", "_agent", "_window", now()
FROM "lake"."raw_messages" WHERE "_pipeline" = 'p' AND "_agent" = '' AND ("_window" = '2026-11-01' OR "_window" IN (SELECT "window" FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" <> '2026-11-01' AND "window_start" >= CAST('2026-10-31T23:00:00Z' AS TIMESTAMPTZ) AND "window_end" <= CAST('2026-11-01T23:00:00Z' AS TIMESTAMPTZ))) AND "id" NOT IN (SELECT "id" FROM agentsight_rows_1) AND EXISTS (SELECT 1 FROM agentsight_due);
DELETE FROM "lake"."raw_messages" WHERE "_pipeline" = 'p' AND "_agent" = '' AND ("_window" = '2026-11-01' OR "_window" IN (SELECT "window" FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" <> '2026-11-01' AND "window_start" >= CAST('2026-10-31T23:00:00Z' AS TIMESTAMPTZ) AND "window_end" <= CAST('2026-11-01T23:00:00Z' AS TIMESTAMPTZ))) AND EXISTS (SELECT 1 FROM agentsight_due);
INSERT INTO "lake"."raw_messages" ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest", "_pipeline", "_agent", "_window", "_row_digest", "_loaded_at", "_changed_at")
SELECT
  "id",
  "at",
  "user",
  "flag",
  "list",
  "metadata__big",
  "metadata__ratio",
  "metadata__rest",
  'p',
  '',
  '2026-11-01',
  CAST(NULL AS BIGINT),
  now(),
  now()
FROM agentsight_rows_1;
DELETE FROM "lake"."raw__agentsight_deleted" WHERE "table" = 'messages' AND "pipeline" = 'p' AND "agent" = '' AND "id" IN (SELECT "id" FROM "lake"."raw_messages" WHERE "_pipeline" = 'p' AND "_agent" = '');
DELETE FROM "lake"."raw__agentsight_loads" WHERE (("pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" = '2026-11-01') OR ("pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" <> '2026-11-01' AND "window_start" >= CAST('2026-10-31T23:00:00Z' AS TIMESTAMPTZ) AND "window_end" <= CAST('2026-11-01T23:00:00Z' AS TIMESTAMPTZ))) AND EXISTS (SELECT 1 FROM agentsight_due);
INSERT INTO "lake"."raw__agentsight_loads" ("pipeline", "agent", "window", "window_start", "window_end", "table", "content_sha256", "rows", "run", "loaded_at")
SELECT 'p', '', '2026-11-01', CAST('2026-10-31T23:00:00Z' AS TIMESTAMPTZ), CAST('2026-11-01T23:00:00Z' AS TIMESTAMPTZ), 'messages', '', 1, 'r', now() WHERE EXISTS (SELECT 1 FROM agentsight_due);
CREATE OR REPLACE TEMPORARY TABLE agentsight_checked AS
SELECT CASE WHEN EXISTS (SELECT 1 FROM (SELECT COUNT(*) AS found_rows, COUNT(DISTINCT 1) AS found_ids FROM "lake"."raw_messages" WHERE "_pipeline" = 'p' AND "_agent" = '' AND "_window" = '2026-11-01') AS found WHERE found_rows <> 1) AND EXISTS (SELECT 1 FROM agentsight_due) THEN error('window 2026-11-01 of messages: the rows differ from the manifest, nothing was changed') END AS checked;
COMMIT;
