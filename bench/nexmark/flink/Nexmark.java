import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableDescriptor;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/**
 * Runs one query over a file of JSON lines, in one process with one slot.
 *
 * <p>Arguments: the file of the query's SQL, whose last statement is the query; the input; and "rows", which prints
 * the query's changes as JSON lines, or "drop", which drops them and prints what the input's second half cost.
 */
public final class Nexmark {
  private static final Map<String, String> CONFIGURATION = Map.of(
      "parallelism.default", "1",
      "taskmanager.numberOfTaskSlots", "1",
      "taskmanager.memory.managed.size", "512m",
      "state.backend.type", "hashmap",
      "pipeline.object-reuse", "true",
      "table.local-time-zone", "UTC");

  public static void main(String[] args) throws Exception {
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.newInstance()
        .inStreamingMode().withConfiguration(Configuration.fromMap(CONFIGURATION)).build());
    String sql = Files.readString(Path.of(args[0])).replaceAll("(?m)^--.*$", "").replace("$FILE", args[1]);
    String[] statements = sql.strip().split(";\\s*");
    for (int i = 0; i < statements.length - 1; i++) tables.executeSql(statements[i]);
    Table query = tables.sqlQuery(statements[statements.length - 1]);
    if (args[2].equals("rows")) printRows(query);
    else {
      SecondHalf cost = new SecondHalf(Path.of(args[1]));
      query.insertInto(TableDescriptor.forConnector("blackhole").build()).execute().await();
      System.out.println(cost.json());
    }
    System.exit(0);
  }

  private static void printRows(Table query) throws Exception {
    String[] names = query.getResolvedSchema().getColumnNames().toArray(new String[0]);
    StringBuilder lines = new StringBuilder();
    try (CloseableIterator<Row> rows = query.execute().collect()) {
      while (rows.hasNext()) {
        Row row = rows.next();
        StringJoiner fields = new StringJoiner(",", "{", "}");
        for (int i = 0; i < names.length; i++) fields.add("\"" + names[i] + "\":" + json(row.getField(i)));
        lines.append("[\"").append(row.getKind().shortString()).append("\",").append(fields).append("]\n");
      }
    }
    System.out.print(lines);
  }

  /** Numbers, texts without control characters, and times in epoch milliseconds. */
  private static String json(Object value) {
    if (value instanceof LocalDateTime time) return String.valueOf(time.toInstant(ZoneOffset.UTC).toEpochMilli());
    if (value instanceof String text) return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    return String.valueOf(value);
  }
}
