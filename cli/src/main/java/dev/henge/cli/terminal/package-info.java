/// How a command speaks to the person at the terminal: [UserError] ends it with one line and an
/// exit status, [ProgressBar] shows how far it is.
@NullMarked
package dev.henge.cli.terminal;

import org.jspecify.annotations.NullMarked;
