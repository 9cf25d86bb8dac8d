package dev.henge.simulation.check;

/// What one operation does to the string under a key, and what it answers: the model.
///
/// States and answers are texts; [#ABSENT] is the state of no key and the answer of a read of none.
public sealed interface Action {
  /// No value: no client writes this text.
  String ABSENT = "(nothing)";

  String DONE = "ok";
  String REFUSED = "refused";

  /// @param state before
  Effect on(String state);

  /// @param state after
  record Effect(String state, String answer) {}

  /// Answers the value.
  record Get() implements Action {
    @Override
    public Effect on(String state) {
      return new Effect(state, state);
    }
  }

  /// Answers [#DONE].
  record Put(String value) implements Action {
    @Override
    public Effect on(String state) {
      return new Effect(value, DONE);
    }
  }

  /// Writes where nothing is; answers [#DONE] or [#REFUSED].
  record PutIfAbsent(String value) implements Action {
    @Override
    public Effect on(String state) {
      return state.equals(ABSENT) ? new Effect(value, DONE) : new Effect(state, REFUSED);
    }
  }

  /// Writes where the value is `expected`; answers [#DONE] or [#REFUSED].
  record CompareAndSet(String expected, String value) implements Action {
    @Override
    public Effect on(String state) {
      return state.equals(expected) ? new Effect(value, DONE) : new Effect(state, REFUSED);
    }
  }

  /// Answers whether there was something: `1` or `0`.
  record Delete() implements Action {
    @Override
    public Effect on(String state) {
      return new Effect(ABSENT, state.equals(ABSENT) ? "0" : "1");
    }
  }

  /// Answers the new length.
  record Append(String suffix) implements Action {
    @Override
    public Effect on(String state) {
      String longer = state.equals(ABSENT) ? suffix : state + suffix;
      return new Effect(longer, Integer.toString(longer.length()));
    }
  }

  /// Answers the new value; the state is a number or absent.
  record Increment(long delta) implements Action {
    @Override
    public Effect on(String state) {
      String sum = Long.toString((state.equals(ABSENT) ? 0 : Long.parseLong(state)) + delta);
      return new Effect(sum, sum);
    }
  }
}
