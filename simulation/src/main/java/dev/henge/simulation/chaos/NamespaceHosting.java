package dev.henge.simulation.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Each node in a network namespace of its own, all of them joined by one more, the router.
///
/// - Shape: node i is at `10.231.x.(i+1)`, the clients are at `10.231.x.250`; a pair of virtual
///   Ethernet devices leads from each to the router. What gets from one to another is decided by
///   the router's policy rules: a rule of the kind `blackhole` drops packets of one direction
///   without a word, so that one-way partitions are as easy as others.
/// - Needs: Linux, the right to make namespaces (root, as a rule), the command `ip`.
/// - Lifetime: [#close] removes all of it, and so does the end of this process; after a SIGKILL of
///   this process `ip netns delete` has to be told.
final class NamespaceHosting implements Hosting {
  private static final int PORT = 7400;
  private static final int CLIENTS_ADDRESS = 250;
  private static final int ROUTER_ADDRESS = 254;
  private static final int COMMAND_SECONDS = 20;
  private static final int SUBNETS = 250;

  private final String name;
  private final String subnet;
  private final int nodes;
  private final List<String> namespaces = new ArrayList<>();
  private final Map<List<Integer>, Integer> rules = new HashMap<>();
  private final Thread hook = new Thread(this::remove, "remove-namespaces");
  private int nextRule = 100;

  private NamespaceHosting(int nodes) throws IOException {
    long id = ProcessHandle.current().pid();
    this.name = "hg" + id % 1_000_000;
    this.nodes = nodes;
    this.subnet = freeSubnet((int) (id % SUBNETS));
  }

  /// @throws IOException where this machine or user cannot have it; the message says why
  static NamespaceHosting create(int nodes) throws IOException {
    var hosting = new NamespaceHosting(nodes);
    Runtime.getRuntime().addShutdownHook(hosting.hook);
    try {
      hosting.build();
      return hosting;
    } catch (IOException e) {
      hosting.close();
      throw e;
    }
  }

  @Override
  public String host(int index) {
    return address(index);
  }

  @Override
  public int port(int index) {
    return PORT;
  }

  @Override
  public List<String> commandPrefix(int index) {
    return List.of("ip", "netns", "exec", namespace(index));
  }

  @Override
  public List<String> serverFlags() {
    return List.of("--insecure", "true");
  }

  @Override
  public boolean hasPartitions() {
    return true;
  }

  @Override
  public void block(int from, int to) throws IOException {
    int rule = nextRule++;
    ruleCommand("add", from, to, rule);
    rules.put(List.of(from, to), rule);
  }

  @Override
  public void unblock(int from, int to) throws IOException {
    Integer rule = rules.remove(List.of(from, to));
    if (rule != null) {
      ruleCommand("delete", from, to, rule);
    }
  }

  @Override
  public void close() {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook runs, or has run: there is nothing left to take back.
    }
  }

  private void build() throws IOException {
    String router = name + "r";
    add(router);
    ip("-n", router, "link", "set", "lo", "up");
    // Everybody's next hop, so that nobody has to find the devices of others.
    ip("-n", router, "address", "add", subnet + ROUTER_ADDRESS + "/32", "dev", "lo");
    run(
        List.of(
            "ip", "netns", "exec", router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"));
    ip("link", "add", name + "c", "type", "veth", "peer", "name", "clients", "netns", router);
    connect(List.of(), name + "c", CLIENTS, "clients");
    for (int node = 0; node < nodes; node++) {
      String own = namespace(node);
      add(own);
      String port = "node" + node;
      ip("-n", router, "link", "add", port, "type", "veth", "peer", "name", "wire", "netns", own);
      ip("-n", own, "link", "set", "lo", "up");
      connect(List.of("-n", own), "wire", node, port);
    }
  }

  /// @param where flags of `ip` that lead to the namespace of `device`
  /// @param port the router's end
  private void connect(List<String> where, String device, int index, String port)
      throws IOException {
    String router = name + "r";
    String hop = subnet + ROUTER_ADDRESS;
    ip(where, "link", "set", device, "up");
    ip("-n", router, "link", "set", port, "up");
    ip("-n", router, "route", "add", address(index), "dev", port);
    ip(where, "address", "add", address(index) + "/32", "dev", device);
    ip(where, "route", "add", hop, "dev", device, "src", address(index));
    ip(where, "route", "add", subnet + "0/24", "via", hop, "src", address(index));
  }

  private void add(String namespace) throws IOException {
    ip("netns", "add", namespace);
    namespaces.add(namespace);
  }

  private void ruleCommand(String verb, int from, int to, int rule) throws IOException {
    ip(
        "-n",
        name + "r",
        "rule",
        verb,
        "from",
        address(from),
        "to",
        address(to),
        "preference",
        Integer.toString(rule),
        "blackhole");
  }

  private void remove() {
    for (String namespace : namespaces) {
      try {
        ip("netns", "delete", namespace);
      } catch (IOException gone) {
        // Another hand was faster, or the namespace lives as long as a process in it.
      }
    }
    namespaces.clear();
  }

  private String namespace(int node) {
    return name + "n" + node;
  }

  private String address(int index) {
    return subnet + (index == CLIENTS ? CLIENTS_ADDRESS : index + 1);
  }

  /// A subnet of this machine that no route leads to, with the dot behind it.
  private static String freeSubnet(int first) throws IOException {
    String routes = ip("route", "show", "table", "all");
    for (int i = 0; i < SUBNETS; i++) {
      String subnet = "10.231." + (first + i) % SUBNETS + ".";
      if (!routes.contains(subnet)) {
        return subnet;
      }
    }
    throw new IOException("every subnet of 10.231.0.0/16 is in use");
  }

  private static String ip(String... words) throws IOException {
    return ip(List.of(), words);
  }

  private static String ip(List<String> where, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(where);
    command.addAll(List.of(words));
    return run(command);
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return output;
  }
}
