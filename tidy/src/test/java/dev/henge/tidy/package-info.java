/// What a machine can check about the house, it checks here, so that reviews need not.
///
/// - `SeamsTest`: time, files, sockets, chance and threads only through the five seams.
/// - `ModulesTest`: arrows between modules and packages, and what every package must have.
/// - `WordsTest`: words that must not stand in the sources, each with what to write instead.
/// - `FormatTest`: every Java file as the formatter writes it; `-Drewrite=true` lets it write.
/// - `LinksTest`: relative links of Markdown files lead somewhere.
///
/// Read first: `SourceTree`, then any test.
@NullMarked
package dev.henge.tidy;

import org.jspecify.annotations.NullMarked;
