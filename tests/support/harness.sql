-- Put into every PostgreSQL template of the tests, so that a database is brought back by rewriting the tables a test wrote
-- (some 10 ms) instead of copying the whole (100 ms and a checkpoint, which slows the other workers too).
-- In a schema of its own, which the migrations do not look at.
DROP SCHEMA IF EXISTS linli_test CASCADE;
CREATE SCHEMA linli_test;

-- One row a statement and no unique key: transactions of a test must not wait for each other here.
CREATE TABLE linli_test.__touched (name text);
CREATE TABLE linli_test.__sequences AS
  SELECT sequencename::text AS name, last_value, start_value FROM pg_sequences WHERE schemaname = 'public';

CREATE FUNCTION linli_test.__note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO linli_test.__touched VALUES (TG_TABLE_NAME);
  RETURN NULL;
END $$;

DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE linli_test.%I AS TABLE public.%I', t, t);
    EXECUTE format('CREATE TRIGGER zz_linli_test AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.%I
                    FOR EACH STATEMENT EXECUTE FUNCTION linli_test.__note()', t);
  END LOOP;
END $$;

-- As a replica: neither foreign keys nor the product's triggers (append-only tables) stand in the way.
CREATE FUNCTION linli_test.__reset() RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica SET lock_timeout = '3s' AS $$
DECLARE t text; columns text;
BEGIN
  FOR t IN SELECT DISTINCT name FROM linli_test.__touched LOOP
    SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
      WHERE attrelid = format('public.%I', t)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('DELETE FROM public.%I', t);
    EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM linli_test.%1$I', t, columns);
  END LOOP;
  DELETE FROM linli_test.__touched;
  PERFORM setval(format('public.%I', name), coalesce(last_value, start_value), last_value IS NOT NULL)
    FROM linli_test.__sequences;
END $$;
