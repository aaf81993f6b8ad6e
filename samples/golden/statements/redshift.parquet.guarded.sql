CREATE TABLE IF NOT EXISTS "lake"."raw__agentsight_loads" (
  "pipeline" VARCHAR(65535),
  "agent" VARCHAR(65535),
  "window" VARCHAR(65535),
  "window_start" TIMESTAMPTZ,
  "window_end" TIMESTAMPTZ,
  "table" VARCHAR(65535),
  "content_sha256" VARCHAR(65535),
  "rows" BIGINT,
  "run" VARCHAR(65535),
  "loaded_at" TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS "lake"."raw__agentsight_deleted" (
  "table" VARCHAR(65535),
  "id" BIGINT,
  "pipeline" VARCHAR(65535),
  "agent" VARCHAR(65535),
  "window" VARCHAR(65535),
  "deleted_at" TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS "lake"."raw_messages" (
  "id" BIGINT,
  "at" TIMESTAMPTZ,
  "user" VARCHAR(65535),
  "flag" BOOLEAN,
  "list" SUPER,
  "metadata__big" VARCHAR(128),
  "metadata__ratio" DOUBLE PRECISION,
  "metadata__rest" SUPER,
  "_pipeline" VARCHAR(65535),
  "_agent" VARCHAR(65535),
  "_window" VARCHAR(65535),
  "_row_digest" BIGINT,
  "_loaded_at" TIMESTAMPTZ,
  "_changed_at" TIMESTAMPTZ
)
DISTSTYLE AUTO
SORTKEY ("at");
-- ALTER TABLE "lake"."raw_messages" ADD COLUMN "metadata__big" VARCHAR(128);
-- ALTER TABLE "lake"."raw_messages" ADD COLUMN "metadata__ratio" DOUBLE PRECISION;
-- window 2026-11-01
CREATE OR REPLACE PROCEDURE agentsight_load_1() AS 'DECLARE
  found BIGINT;
BEGIN
  SELECT COUNT(*) INTO found FROM (SELECT 1 FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = ''p'' AND "agent" = '''' AND "table" = ''messages'' AND "window" = ''2026-11-01'' AND "content_sha256" = '''') AS loaded;
  IF found = 0 THEN
CREATE TEMP TABLE "agentsight_rows_1" ("id" BIGINT, "at" TIMESTAMPTZ, "user" VARCHAR(65535), "flag" BOOLEAN, "list" VARCHAR(65535), "metadata__big" VARCHAR(128), "metadata__ratio" DOUBLE PRECISION, "metadata__rest" VARCHAR(65535));
COPY "agentsight_rows_1"
FROM ''gs://b/p/m/it''''s.gz'' IAM_ROLE DEFAULT
FORMAT PARQUET;
INSERT INTO "lake"."raw__agentsight_deleted" ("table", "id", "pipeline", "agent", "window", "deleted_at")
SELECT ''messages'', "id", "_pipeline", "_agent", "_window", SYSDATE AT TIME ZONE ''UTC''
FROM "lake"."raw_messages" WHERE "_pipeline" = ''p'' AND "_agent" = '''' AND ("_window" = ''2026-11-01'' OR "_window" IN (SELECT "window" FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = ''p'' AND "agent" = '''' AND "table" = ''messages'' AND "window" <> ''2026-11-01'' AND "window_start" >= CAST(''2026-10-31T23:00:00Z'' AS TIMESTAMPTZ) AND "window_end" <= CAST(''2026-11-01T23:00:00Z'' AS TIMESTAMPTZ))) AND "id" NOT IN (SELECT "id" FROM "agentsight_rows_1");
DELETE FROM "lake"."raw_messages" WHERE "_pipeline" = ''p'' AND "_agent" = '''' AND ("_window" = ''2026-11-01'' OR "_window" IN (SELECT "window" FROM "lake"."raw__agentsight_loads" WHERE "pipeline" = ''p'' AND "agent" = '''' AND "table" = ''messages'' AND "window" <> ''2026-11-01'' AND "window_start" >= CAST(''2026-10-31T23:00:00Z'' AS TIMESTAMPTZ) AND "window_end" <= CAST(''2026-11-01T23:00:00Z'' AS TIMESTAMPTZ)));
INSERT INTO "lake"."raw_messages" ("id", "at", "user", "flag", "list", "metadata__big", "metadata__ratio", "metadata__rest", "_pipeline", "_agent", "_window", "_row_digest", "_loaded_at", "_changed_at")
SELECT
  "id",
  "at",
  "user",
  "flag",
  JSON_PARSE("list"),
  "metadata__big",
  "metadata__ratio",
  JSON_PARSE("metadata__rest"),
  ''p'',
  '''',
  ''2026-11-01'',
  CAST(NULL AS BIGINT),
  SYSDATE AT TIME ZONE ''UTC'',
  SYSDATE AT TIME ZONE ''UTC''
FROM "agentsight_rows_1";
DELETE FROM "lake"."raw__agentsight_deleted" WHERE "table" = ''messages'' AND "pipeline" = ''p'' AND "agent" = '''' AND "id" IN (SELECT "id" FROM "lake"."raw_messages" WHERE "_pipeline" = ''p'' AND "_agent" = '''');
DELETE FROM "lake"."raw__agentsight_loads" WHERE (("pipeline" = ''p'' AND "agent" = '''' AND "table" = ''messages'' AND "window" = ''2026-11-01'') OR ("pipeline" = ''p'' AND "agent" = '''' AND "table" = ''messages'' AND "window" <> ''2026-11-01'' AND "window_start" >= CAST(''2026-10-31T23:00:00Z'' AS TIMESTAMPTZ) AND "window_end" <= CAST(''2026-11-01T23:00:00Z'' AS TIMESTAMPTZ)));
INSERT INTO "lake"."raw__agentsight_loads" ("pipeline", "agent", "window", "window_start", "window_end", "table", "content_sha256", "rows", "run", "loaded_at")
SELECT ''p'', '''', ''2026-11-01'', CAST(''2026-10-31T23:00:00Z'' AS TIMESTAMPTZ), CAST(''2026-11-01T23:00:00Z'' AS TIMESTAMPTZ), ''messages'', '''', 1, ''r'', SYSDATE AT TIME ZONE ''UTC'';
    SELECT COUNT(*) INTO found FROM (SELECT 1 FROM (SELECT COUNT(*) AS found_rows, COUNT(DISTINCT 1) AS found_ids FROM "lake"."raw_messages" WHERE "_pipeline" = ''p'' AND "_agent" = '''' AND "_window" = ''2026-11-01'') AS found WHERE found_rows <> 1) AS wrong;
    IF found > 0 THEN
      RAISE EXCEPTION ''window 2026-11-01 of messages: the rows differ from the manifest, nothing was changed'';
    END IF;
  END IF;
END;' LANGUAGE plpgsql;
CALL agentsight_load_1();
DROP PROCEDURE agentsight_load_1();
