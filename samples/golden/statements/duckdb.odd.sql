-- key: id
CREATE TABLE IF NOT EXISTS "lake"."messages" (
  "id" BIGINT,
  "at" TIMESTAMPTZ,
  "user" VARCHAR,
  "flag" BOOLEAN,
  "list" JSON,
  "metadata__big" VARCHAR,
  "metadata__ratio" DOUBLE,
  "metadata__rest" JSON,
  "USER_92b7b421" JSON
);
ALTER TABLE "lake"."messages" ADD COLUMN IF NOT EXISTS "metadata__big" VARCHAR;
ALTER TABLE "lake"."messages" ADD COLUMN IF NOT EXISTS "metadata__ratio" DOUBLE;
ALTER TABLE "lake"."messages" ALTER COLUMN "metadata__big" SET DATA TYPE VARCHAR;
ALTER TABLE "lake"."messages" ALTER COLUMN "metadata__ratio" SET DATA TYPE DOUBLE;

-- window 2026-11-01
BEGIN TRANSACTION;
DELETE FROM "lake"."messages" WHERE "at" >= TIMESTAMPTZ '2026-10-31T23:00:00Z' AND "at" < TIMESTAMPTZ '2026-11-01T23:00:00Z';
CREATE OR REPLACE TEMPORARY TABLE agentsight_rows_1 AS
SELECT CAST(json_extract_string(json, '/id') AS BIGINT) AS "id", CAST(json_extract_string(json, '/at') AS TIMESTAMPTZ) AS "at", CAST(json_extract_string(json, '/user') AS VARCHAR) AS "user", CAST(json_extract_string(json, '/flag') AS BOOLEAN) AS "flag", nullif(json_extract(json, '/list'), 'null') AS "list", CAST(json_extract_string(json, '/metadata__big') AS VARCHAR) AS "metadata__big", CAST(json_extract_string(json, '/metadata__ratio') AS DOUBLE) AS "metadata__ratio", nullif(json_extract(json, '/metadata__rest'), 'null') AS "metadata__rest", nullif(json_extract(json, '/USER'), 'null') AS "USER_92b7b421"
FROM read_ndjson_objects('gs://b/p/m/it''s.gz', compression = 'gzip', maximum_object_size = 134217728);
DELETE FROM "lake"."messages" WHERE "id" IN (SELECT "id" FROM agentsight_rows_1);
INSERT INTO "lake"."messages" ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest", "USER_92b7b421") SELECT "id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest", "USER_92b7b421" FROM agentsight_rows_1;
DROP TABLE agentsight_rows_1;
COMMIT;
