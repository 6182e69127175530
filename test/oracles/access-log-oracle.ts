import { rowsOf, withDuckDb } from "./duckdb.ts";

/** A row of `status_per_minute`. */
export type StatusPerMinute = {
  readonly key: string;
  readonly start: number;
  readonly requests: number;
  readonly bytes: number;
};

/** A row of `path_words`. */
export type PathWord = { readonly key: string; readonly start: number; readonly count: number };

export type AccessLogOracle = {
  /** Sorted by class and minute. */
  readonly statusPerMinute: readonly StatusPerMinute[];
  /** Sorted by word and hour. */
  readonly pathWords: readonly PathWord[];
};

/**
 * What the access log's pipelines must give. No request is more than a minute behind the newest before it,
 * which is the stream's out-of-orderness: none is late, so plain grouping is enough.
 * @param path - access.log.gz
 */
export const accessLogOracle = (path: string): Promise<AccessLogOracle> =>
  withDuckDb(async (db) => {
    await db.run(REQUESTS, { path });
    return {
      statusPerMinute: await rowsOf<StatusPerMinute>(db, STATUS_PER_MINUTE),
      pathWords: await rowsOf<PathWord>(db, PATH_WORDS),
    };
  });

// One column per line: neither the delimiter nor the quote occurs in a log.
const REQUESTS = `
  CREATE TABLE requests AS
  SELECT
    strptime(regexp_extract(line, '\\[([^\\]]+)\\]', 1), '%d/%b/%Y:%H:%M:%S %z') AS stamp,
    regexp_extract(line, '"[A-Z]+ ([^ ]+) HTTP', 1) AS path,
    regexp_extract(line, '" ([0-9]{3}) ', 1) AS status,
    coalesce(try_cast(regexp_extract(line, '" [0-9]{3} ([0-9]+|-) ', 1) AS BIGINT), 0) AS bytes
  FROM read_csv($path, columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '', header = false)`;

const STATUS_PER_MINUTE = `
  SELECT
    status[1] || 'xx' AS key,
    epoch_ms(date_trunc('minute', stamp))::DOUBLE AS start,
    count(*)::DOUBLE AS requests,
    sum(bytes)::DOUBLE AS bytes
  FROM requests GROUP BY ALL ORDER BY key, start`;

const PATH_WORDS = `
  WITH words AS (
    SELECT unnest(string_split(string_split(path, '?')[1], '/')) AS word, date_trunc('hour', stamp) AS hour
    FROM requests
  )
  SELECT word AS key, epoch_ms(hour)::DOUBLE AS start, count(*)::DOUBLE AS count
  FROM words WHERE word <> '' GROUP BY ALL HAVING count(*) > 10 ORDER BY key, start`;
