import io.trino.server.Server;

/** Runs Trino's server; it takes its configuration from the file that the property `config` names. */
public final class Main {
  public static void main(String[] arguments) {
    new Server().start("476");
  }
}
