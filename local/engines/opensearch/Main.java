import static org.codelibs.opensearch.runner.OpenSearchRunner.newConfigs;

import java.io.IOException;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** Runs one OpenSearch node on loopback until it is told to stop. Arguments: folder, HTTP port, transport port. */
public final class Main {
  public static void main(String[] arguments) throws InterruptedException {
    String folder = arguments[0];
    int httpPort = Integer.parseInt(arguments[1]);
    int transportPort = Integer.parseInt(arguments[2]);

    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild(
        (number, settings) -> {
          settings.put("network.host", "127.0.0.1");
          settings.put("http.port", httpPort);
          settings.put("transport.port", transportPort);
          settings.put("discovery.type", "single-node");
          settings.putList("path.repo", folder + "/snapshots");
          // A developer's disk is often nearly full; the node must not turn read-only for that.
          settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
    runner.build(newConfigs().basePath(folder).numOfNode(1).clusterName("hilo").useLogger().printOnFailure());
    Thread.currentThread().join();
  }

  private static void close(OpenSearchRunner runner) {
    try {
      runner.close();
    } catch (IOException error) {
      error.printStackTrace();
    }
  }
}
