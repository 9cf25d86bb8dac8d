package dev.henge.tidy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The tree is the architecture diagram: arrows only downward, packages with one idea and a page
/// that says it, no state outside objects that somebody owns.
final class ModulesTest {
  /// What each module may use of the others.
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "base", Set.of(),
          "storage", Set.of("base"),
          "data", Set.of("base", "storage"),
          "replication", Set.of("base", "storage", "data"),
          "consensus", Set.of("base", "storage", "data"),
          "server", Set.of("base", "storage", "data", "replication", "consensus"),
          "simulation", Set.of("base", "storage", "data", "replication", "consensus", "server"),
          "cli", Set.of("base", "storage", "data", "replication", "consensus", "server"),
          "benchmark", Set.of("base", "storage"));

  /// What the build makes of the peers' schema.
  private static final String GENERATED = "dev.henge.server.peer.wire";

  /// Buffers of a thread between two reads: nothing in them is remembered.
  private static final String SCRATCH = "dev.henge.storage.lsm.table.Table.SCRATCH";

  @Test
  void arrowsPointDownward() {
    MAY_USE.forEach((module, used) -> {
      String[] others =
          MAY_USE.keySet().stream()
              .filter(other -> !other.equals(module) && !used.contains(other))
              .map(other -> "dev.henge." + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.henge." + module + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .because(module + " may use only " + used)
          .allowEmptyShould(true)
          .check(MainClasses.ALL);
    });
  }

  @Test
  void onlySimulationsUseSimulatedSeams() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.henge.base.simulated..", "dev.henge.simulation..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.henge.base.simulated..")
        .because("a server runs on the real machine")
        .check(MainClasses.ALL);
  }

  @Test
  void everyPackageBelongsToAModule() {
    List<String> strays =
        MainClasses.ALL.stream()
            .map(JavaClass::getPackageName)
            .distinct()
            .filter(name -> !MAY_USE.containsKey(name.replaceFirst("dev\\.henge\\.(\\w+).*", "$1")))
            .sorted()
            .toList();
    assertEquals(List.of(), strays, "packages outside " + MAY_USE.keySet());
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.henge.(**)").should().beFreeOfCycles().check(MainClasses.ALL);
  }

  @Test
  void everyPackageIsNullMarkedAndSaysWhatItIs() {
    List<String> bare =
        MainClasses.ALL.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(ModulesTest::isNotNullMarked)
            .map(JavaPackage::getName)
            .filter(name -> !name.equals(GENERATED))
            .sorted()
            .toList();
    assertEquals(List.of(), bare, "packages without @NullMarked in package-info.java");
    List<String> silent =
        SourceTree.files("package-info.java").stream()
            .filter(file -> !SourceTree.text(file).startsWith("/// "))
            .map(SourceTree::name)
            .toList();
    assertEquals(List.of(), silent, "files that do not say what their package is");
  }

  @Test
  void noStaticStateChanges() {
    List<String> mutable =
        MainClasses.ALL.stream()
            .flatMap(type -> type.getFields().stream())
            .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
            .filter(field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC))
            .filter(ModulesTest::isMutable)
            .filter(field -> !SCRATCH.equals(field.getFullName()))
            .map(JavaField::getFullName)
            .sorted()
            .toList();
    assertEquals(List.of(), mutable, "static state belongs into an object with an owner");
  }

  private static boolean isNotNullMarked(JavaPackage javaPackage) {
    return !javaPackage.isAnnotatedWith(NullMarked.class);
  }

  /// Not final, or of a type made to be changed. What hides behind an interface is not seen.
  private static boolean isMutable(JavaField field) {
    JavaClass type = field.getRawType();
    boolean changeable =
        !type.isInterface()
            && Stream.of(Collection.class, Map.class, Lock.class).anyMatch(type::isAssignableTo);
    return !field.getModifiers().contains(JavaModifier.FINAL)
        || changeable
        || type.getPackageName().equals("java.util.concurrent.atomic")
        || type.isAssignableTo(LongAdder.class)
        || type.isAssignableTo(ThreadLocal.class)
        || type.isAssignableTo(StringBuilder.class);
  }
}
