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
SET enable_case_sensitive_super_attribute TO TRUE;
CREATE TEMP TABLE "agentsight_rows_1" (doc SUPER);
COPY "agentsight_rows_1"
FROM 'gs://b/p/m/it''s.gz' IAM_ROLE DEFAULT
FORMAT JSON 'noshred' GZIP TIMEFORMAT 'auto';
DELETE FROM "lake"."messages" WHERE "id" IN (SELECT doc."id"::BIGINT FROM "agentsight_rows_1");
INSERT INTO "lake"."messages" ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest")
SELECT
  doc."id"::BIGINT,
  doc."at"::TIMESTAMPTZ,
  CASE WHEN is_array(doc."user") OR is_object(doc."user") THEN json_serialize(doc."user") ELSE doc."user"::VARCHAR(65535) END,
  doc."flag"::BOOLEAN,
  doc."list",
  doc."metadata__big"::VARCHAR(128),
  doc."metadata__ratio"::DOUBLE PRECISION,
  doc."metadata__rest"
FROM "agentsight_rows_1";
DROP TABLE "agentsight_rows_1";
COMMIT;
