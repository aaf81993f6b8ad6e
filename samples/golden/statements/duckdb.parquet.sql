-- key: id
CREATE TABLE IF NOT EXISTS "lake"."messages" (
  "id" BIGINT,
  "at" TIMESTAMPTZ,
  "user" VARCHAR,
  "flag" BOOLEAN,
  "list" JSON,
  "metadata__big" VARCHAR,
  "metadata__ratio" DOUBLE,
  "metadata__rest" JSON
);
ALTER TABLE "lake"."messages" ADD COLUMN IF NOT EXISTS "metadata__big" VARCHAR;
ALTER TABLE "lake"."messages" ADD COLUMN IF NOT EXISTS "metadata__ratio" DOUBLE;
ALTER TABLE "lake"."messages" ALTER COLUMN "metadata__big" SET DATA TYPE VARCHAR;
ALTER TABLE "lake"."messages" ALTER COLUMN "metadata__ratio" SET DATA TYPE DOUBLE;

-- window 2026-11-01
BEGIN TRANSACTION;
DELETE FROM "lake"."messages" WHERE "at" >= TIMESTAMPTZ '2026-10-31T23:00:00Z' AND "at" < TIMESTAMPTZ '2026-11-01T23:00:00Z';
CREATE OR REPLACE TEMPORARY TABLE agentsight_rows_1 AS
SELECT "id" AS "id", "at" AS "at", "user" AS "user", "flag" AS "flag", CAST("list" AS JSON) AS "list", "metadata__big" AS "metadata__big", "metadata__ratio" AS "metadata__ratio", CAST("metadata__rest" AS JSON) AS "metadata__rest"
FROM read_parquet('gs://b/p/m/it''s.gz');
DELETE FROM "lake"."messages" WHERE "id" IN (SELECT "id" FROM agentsight_rows_1);
INSERT INTO "lake"."messages" ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest") SELECT "id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest" FROM agentsight_rows_1;
DROP TABLE agentsight_rows_1;
COMMIT;
