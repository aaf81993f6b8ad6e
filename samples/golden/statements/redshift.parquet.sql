CREATE TABLE IF NOT EXISTS "lake"."messages" (
  "id" BIGINT PRIMARY KEY,
  "at" TIMESTAMPTZ,
  "user" VARCHAR(65535),
  "flag" BOOLEAN,
  "list" SUPER,
  "metadata__big" VARCHAR(128),
  "metadata__ratio" DOUBLE PRECISION,
  "metadata__rest" SUPER
)
DISTSTYLE AUTO
SORTKEY ("at");
-- ALTER TABLE "lake"."messages" ADD COLUMN "metadata__big" VARCHAR(128);
-- ALTER TABLE "lake"."messages" ADD COLUMN "metadata__ratio" DOUBLE PRECISION;

-- window 2026-11-01
BEGIN;
DELETE FROM "lake"."messages" WHERE "at" >= TIMESTAMPTZ '2026-10-31T23:00:00Z' AND "at" < TIMESTAMPTZ '2026-11-01T23:00:00Z';
CREATE TEMP TABLE "agentsight_rows_1" ("id" BIGINT, "at" TIMESTAMPTZ, "user" VARCHAR(65535), "flag" BOOLEAN, "list" VARCHAR(65535), "metadata__big" VARCHAR(128), "metadata__ratio" DOUBLE PRECISION, "metadata__rest" VARCHAR(65535));
COPY "agentsight_rows_1"
FROM 'gs://b/p/m/it''s.gz' IAM_ROLE DEFAULT
FORMAT PARQUET;
DELETE FROM "lake"."messages" WHERE "id" IN (SELECT "id" FROM "agentsight_rows_1");
INSERT INTO "lake"."messages" ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest")
SELECT
  "id",
  "at",
  "user",
  "flag",
  JSON_PARSE("list"),
  "metadata__big",
  "metadata__ratio",
  JSON_PARSE("metadata__rest")
FROM "agentsight_rows_1";
DROP TABLE "agentsight_rows_1";
COMMIT;
