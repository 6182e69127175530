import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The CPU time of the whole process, those of the collector and the compiler too, while it reads the second half of a
 * file: by then Flink has started, planned and compiled. How far it has read, Linux says of the open file.
 */
final class SecondHalf {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final int SEARCH_MS = 50;
  private static final int LOOK_MS = 5;

  private final Path input;
  private final long size;
  private long from;
  private long fromCpuNanos;
  private long to;
  private long toCpuNanos;

  SecondHalf(Path input) throws IOException {
    this.input = input.toRealPath();
    this.size = Files.size(input);
    Thread thread = new Thread(this::follow);
    thread.setDaemon(true);
    thread.start();
  }

  /** The part of the file, of 1, and what it cost. */
  synchronized String json() {
    return "{\"part\":" + (double) (to - from) / size + ",\"cpuSeconds\":" + (toCpuNanos - fromCpuNanos) / 1e9 + "}";
  }

  private void follow() {
    try {
      Path descriptor = null;
      while (descriptor == null) {
        Thread.sleep(SEARCH_MS);
        descriptor = descriptor();
      }
      while (isInput(descriptor)) {
        look(position(descriptor));
        Thread.sleep(LOOK_MS);
      }
    } catch (IOException | InterruptedException closed) {
      // read to its end
    }
  }

  private synchronized void look(long position) {
    if (position < size / 2) return;
    to = position;
    toCpuNanos = PROCESS.getProcessCpuTime();
    if (from > 0) return;
    from = to;
    fromCpuNanos = toCpuNanos;
  }

  private Path descriptor() throws IOException {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) if (isInput(descriptor)) return descriptor;
    }
    return null;
  }

  private boolean isInput(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).equals(input);
    } catch (IOException closed) {
      return false;
    }
  }

  private static long position(Path descriptor) throws IOException {
    Path info = Path.of("/proc/self/fdinfo", descriptor.getFileName().toString());
    return Long.parseLong(Files.readAllLines(info).get(0).split("\\s+")[1]);
  }
}
