CREATE TABLE IF NOT EXISTS "lake"."messages" (
  "id" bigint PRIMARY KEY,
  "at" timestamptz,
  "user" text,
  "flag" boolean,
  "list" jsonb,
  "metadata__big" numeric,
  "metadata__ratio" double precision,
  "metadata__rest" jsonb
);
ALTER TABLE "lake"."messages" ADD COLUMN IF NOT EXISTS "metadata__big" numeric;
ALTER TABLE "lake"."messages" ADD COLUMN IF NOT EXISTS "metadata__ratio" double precision;
ALTER TABLE "lake"."messages" ALTER COLUMN "metadata__big" TYPE numeric USING "metadata__big"::numeric;
ALTER TABLE "lake"."messages" ALTER COLUMN "metadata__ratio" TYPE double precision USING "metadata__ratio"::double precision;
CREATE INDEX IF NOT EXISTS "messages_at" ON "lake"."messages" ("at");

\set ON_ERROR_STOP on
-- window 2026-11-01
BEGIN;
DELETE FROM "lake"."messages" WHERE "at" >= TIMESTAMPTZ '2026-10-31T23:00:00Z' AND "at" < TIMESTAMPTZ '2026-11-01T23:00:00Z';
CREATE TEMPORARY TABLE agentsight_rows_1 (doc json) ON COMMIT DROP;
\copy agentsight_rows_1 FROM PROGRAM 'gzip -dc ''gs://b/p/m/it''\''''s.gz''' WITH (FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01', ENCODING 'UTF8')
DELETE FROM "lake"."messages" WHERE "id" IN (SELECT (doc ->> 'id')::bigint FROM agentsight_rows_1);
INSERT INTO "lake"."messages" ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest")
SELECT
  (doc ->> 'id')::bigint,
  (doc ->> 'at')::timestamptz,
  doc ->> 'user',
  (doc ->> 'flag')::boolean,
  nullif((doc -> 'list')::jsonb, 'null'::jsonb),
  (doc ->> 'metadata__big')::numeric,
  (doc ->> 'metadata__ratio')::double precision,
  nullif((doc -> 'metadata__rest')::jsonb, 'null'::jsonb)
FROM agentsight_rows_1;
DROP TABLE agentsight_rows_1;
COMMIT;
