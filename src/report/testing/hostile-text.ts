/**
 * Text as a broken or malicious server might put it into a message, for tests of the derived formats: what each of
 * them could take for its own syntax, control characters, a lone surrogate, a right-to-left override, and length.
 */
export const hostileText = [
  ']]> <b attr="x">&amp; &lt; </failure><!-- --> <?php',
  '| a | b | \\| `code` ``two`` *bold* _it_ ~~no~~ [link](javascript:alert(1)) ![x](y) <script>alert(1)</script> $x$',
  '# heading',
  '```',
  '- item\r\n1. item\r| --- |',
  '\u001b[31mred\u001b[0m \u0000\u0008\u000b\u001f\u007f\u0085 \ud800 \ufffe\uffff \u202edeliver\u2028',
].join('\n');

export const hugeText = `${hostileText}\n`.repeat(10_000);
