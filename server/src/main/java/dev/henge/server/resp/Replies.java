package dev.henge.server.resp;

import dev.henge.base.Slots;
import dev.henge.data.Reply;
import java.util.List;

/// The table from what operations answer to what Redis clients read.
enum Replies implements Command.Translator {
  /// As the answer is: `OK`, an integer, a bulk string, an array, an error, or null.
  PLAIN("as the command's") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      plain(reply, out);
    }
  },
  OK("simple string `OK`") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      plain(reply, out);
    }
  },
  INTEGER("integer") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      plain(reply, out);
    }
  },
  BULK("bulk string, or null") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      if (reply instanceof Reply.Bytes bytes) {
        out.bulk(bytes.bytes());
      } else if (reply instanceof Reply.Word word) {
        out.bulk(word.text());
      } else {
        plain(reply, out);
      }
    }
  },
  ARRAY("array") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      plain(reply, out);
    }
  },
  WORD("simple string") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      plain(reply, out);
    }
  },
  /// `OK`, or null when the condition did not hold.
  WRITTEN("simple string `OK`, or null") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      if (reply instanceof Reply.Written written) {
        if (written.applied()) {
          out.ok();
        } else {
          out.nothing();
        }
      } else {
        plain(reply, out);
      }
    }
  },
  /// The value before.
  PREVIOUS("bulk string, or null") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      if (reply instanceof Reply.Written written) {
        Reply.Bytes previous = written.previous();
        if (previous == null) {
          out.nothing();
        } else {
          out.bulk(previous.bytes());
        }
      } else {
        plain(reply, out);
      }
    }
  },
  /// As SET does: the value before, where the client asked for it by GET.
  WRITTEN_OR_PREVIOUS("simple string `OK`, or null; with GET bulk string, or null") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      for (int i = 3; i < request.count(); i++) {
        if (request.is(i, "IFEQ")) {
          i++;
        } else if (request.is(i, "GET")) {
          PREVIOUS.write(reply, request, out);
          return;
        }
      }
      WRITTEN.write(reply, request, out);
    }
  },
  /// 1 where something was written.
  WHETHER_WRITTEN("integer 1 or 0") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      if (reply instanceof Reply.Written written) {
        out.number(written.applied() ? 1 : 0);
      } else {
        plain(reply, out);
      }
    }
  },
  /// A cursor and keys.
  SCAN_PAGE("array of cursor and array of keys") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      if (reply instanceof Reply.ScanPage page) {
        out.array(2);
        out.bulk(Long.toUnsignedString(request.cursors().cursor(page.next())));
      }
      plain(reply, out);
    }
  },
  /// Keys of the slot that the request names.
  KEYS_OF_SLOT("array of keys") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      if (reply instanceof Reply.ScanPage page) {
        String slot = request.text(2);
        List<Reply.Bytes> keys =
            page.keys().stream()
                .filter(key -> Integer.toString(Slots.of(key.bytes())).equals(slot))
                .toList();
        plain(new Reply.ScanPage(keys, null), out);
      } else {
        plain(reply, out);
      }
    }
  },
  /// Milliseconds, given in seconds, rounded; -1 and -2 stay.
  SECONDS("integer") {
    @Override
    public void write(Reply reply, Request request, ReplyWriter out) {
      if (reply instanceof Reply.Number number && number.value() >= 0) {
        out.number((number.value() + 500) / 1000);
      } else {
        plain(reply, out);
      }
    }
  };

  private final String kind;

  Replies(String kind) {
    this.kind = kind;
  }

  String kind() {
    return kind;
  }

  static void plain(Reply reply, ReplyWriter out) {
    switch (reply) {
      case Reply.Bytes bytes -> out.bulk(bytes.bytes());
      case Reply.Nothing nothing -> out.nothing();
      case Reply.Ok ok -> out.ok();
      case Reply.Number number -> out.number(number.value());
      case Reply.Word word -> out.simple(word.text());
      case Reply.Failure failure -> out.error(failure.code() + " " + failure.message());
      case Reply.Many many -> {
        List<Reply> items = many.items();
        out.array(items.size());
        for (Reply item : items) {
          plain(item, out);
        }
      }
      case Reply.Written written -> {
        if (written.applied()) {
          out.ok();
        } else {
          out.nothing();
        }
      }
      case Reply.Found found -> out.bulk(found.value().bytes());
      case Reply.ScanPage page -> {
        out.array(page.keys().size());
        for (Reply.Bytes key : page.keys()) {
          out.bulk(key.bytes());
        }
      }
    }
  }
}
