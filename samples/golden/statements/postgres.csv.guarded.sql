\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE TABLE IF NOT EXISTS "lake"."raw__agentsight_loads" (
  "pipeline" text,
  "agent" text,
  "window" text,
  "window_start" timestamptz,
  "window_end" timestamptz,
  "table" text,
  "content_sha256" text,
  "rows" bigint,
  "run" text,
  "loaded_at" timestamptz
);
CREATE TABLE IF NOT EXISTS "lake"."raw__agentsight_deleted" (
  "table" text,
  "id" bigint,
  "pipeline" text,
  "agent" text,
  "window" text,
  "deleted_at" timestamptz
);
DO E'BEGIN\u000a  IF EXISTS (SELECT 1 FROM pg_catalog.pg_attribute AS found WHERE found.attrelid = ''"lake"."raw__agentsight_loads"''::regclass AND NOT found.attisdropped AND found.attname = ''digest_sum'') THEN\u000a    RAISE EXCEPTION USING MESSAGE = ''"lake"."raw__agentsight_loads" is the ledger of load: give this script another --prefix or --namespace'';\u000a  END IF;\u000aEND';
CREATE TABLE IF NOT EXISTS "lake"."raw_messages" (
  "id" bigint,
  "at" timestamptz,
  "user" text,
  "flag" boolean,
  "list" jsonb,
  "metadata__big" numeric,
  "metadata__ratio" double precision,
  "metadata__rest" jsonb,
  "_pipeline" text,
  "_agent" text,
  "_window" text,
  "_row_digest" bigint,
  "_loaded_at" timestamptz,
  "_changed_at" timestamptz
);
ALTER TABLE "lake"."raw_messages" ADD COLUMN IF NOT EXISTS "metadata__big" numeric;
ALTER TABLE "lake"."raw_messages" ADD COLUMN IF NOT EXISTS "metadata__ratio" double precision;
CREATE INDEX IF NOT EXISTS "messages_at" ON "lake"."raw_messages" ("at");
CREATE INDEX IF NOT EXISTS "raw_messages_window" ON "lake"."raw_messages" ("_pipeline", "_agent", "_window");
DO E'BEGIN\u000a  IF EXISTS (SELECT 1 FROM pg_catalog.pg_attribute AS found JOIN (VALUES (''id'', ''bigint''), (''at'', ''timestamp with time zone''), (''user'', ''text''), (''flag'', ''boolean''), (''list'', ''jsonb''), (''metadata__big'', ''numeric''), (''metadata__ratio'', ''double precision''), (''metadata__rest'', ''jsonb'')) AS wanted (name, type) ON found.attname = wanted.name WHERE found.attrelid = ''"lake"."raw_messages"''::regclass AND NOT found.attisdropped AND pg_catalog.format_type(found.atttypid, found.atttypmod) <> wanted.type) THEN\u000a    RAISE EXCEPTION USING MESSAGE = ''a column of "lake"."raw_messages" has another type than in this export: change its type, or give this script another --prefix'';\u000a  END IF;\u000aEND';
-- window 2026-11-01
BEGIN;
LOCK TABLE "lake"."raw__agentsight_loads" IN SHARE ROW EXCLUSIVE MODE;
SELECT NOT EXISTS (SELECT 1 FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" = '2026-11-01' AND "content_sha256" = '') AS agentsight_is_due \gset
\if :agentsight_is_due
CREATE TEMPORARY TABLE agentsight_rows_1 ON COMMIT DROP AS SELECT "id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest" FROM "lake"."raw_messages" WITH NO DATA;
\copy agentsight_rows_1 ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest") FROM PROGRAM 'gzip -dc ''gs://b/p/m/it''\''''s.gz''' WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')
INSERT INTO "lake"."raw__agentsight_deleted" ("table", "id", "pipeline", "agent", "window", "deleted_at")
SELECT 'messages', "id", "_pipeline", "_agent", "_window", now()
FROM "lake"."raw_messages" WHERE "_pipeline" = 'p' AND "_agent" = '' AND ("_window" = '2026-11-01' OR "_window" IN (SELECT "window" FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" <> '2026-11-01' AND "window_start" >= CAST('2026-10-31T23:00:00Z' AS timestamptz) AND "window_end" <= CAST('2026-11-01T23:00:00Z' AS timestamptz))) AND "id" NOT IN (SELECT "id" FROM agentsight_rows_1);
DELETE FROM "lake"."raw_messages" WHERE "_pipeline" = 'p' AND "_agent" = '' AND ("_window" = '2026-11-01' OR "_window" IN (SELECT "window" FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" <> '2026-11-01' AND "window_start" >= CAST('2026-10-31T23:00:00Z' AS timestamptz) AND "window_end" <= CAST('2026-11-01T23:00:00Z' AS timestamptz)));
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
  CAST(NULL AS bigint),
  now(),
  now()
FROM agentsight_rows_1;
DELETE FROM "lake"."raw__agentsight_deleted" WHERE "table" = 'messages' AND "pipeline" = 'p' AND "agent" = '' AND "id" IN (SELECT "id" FROM "lake"."raw_messages" WHERE "_pipeline" = 'p' AND "_agent" = '');
DELETE FROM "lake"."raw__agentsight_loads" WHERE (("pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" = '2026-11-01') OR ("pipeline" = 'p' AND "agent" = '' AND "table" = 'messages' AND "window" <> '2026-11-01' AND "window_start" >= CAST('2026-10-31T23:00:00Z' AS timestamptz) AND "window_end" <= CAST('2026-11-01T23:00:00Z' AS timestamptz)));
INSERT INTO "lake"."raw__agentsight_loads" ("pipeline", "agent", "window", "window_start", "window_end", "table", "content_sha256", "rows", "run", "loaded_at")
SELECT 'p', '', '2026-11-01', CAST('2026-10-31T23:00:00Z' AS timestamptz), CAST('2026-11-01T23:00:00Z' AS timestamptz), 'messages', '', 1, 'r', now();
DO E'BEGIN\u000a  IF EXISTS (SELECT 1 FROM (SELECT 1 FROM (SELECT COUNT(*) AS found_rows, COUNT(DISTINCT 1) AS found_ids FROM "lake"."raw_messages" WHERE "_pipeline" = ''p'' AND "_agent" = '''' AND "_window" = ''2026-11-01'') AS found WHERE found_rows <> 1) AS wrong) THEN\u000a    RAISE EXCEPTION USING MESSAGE = ''window 2026-11-01 of messages: the rows differ from the manifest, nothing was changed'';\u000a  END IF;\u000aEND';
\endif
COMMIT;
