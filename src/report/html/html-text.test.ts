import { expect, test } from 'vitest';
import { hostileText, hugeText } from '../testing/hostile-text.ts';
import { html, textLimit, trusted } from './html-text.ts';

test('text is escaped in content and in attributes', () => {
  expect(String(html`<p title="${`"a" & 'b'`}">${'<b>&amp;</b>'}</p>`)).toBe(
    '<p title="&quot;a&quot; &amp; &#39;b&#39;">&lt;b&gt;&amp;amp;&lt;/b&gt;</p>',
  );
});

test('markup stands as it is, lists one below the other, numbers as they are, and null is nothing', () => {
  const items = ['a', 'b'].map((item) => html`<li>${item}</li>`);
  expect(String(html`<ol start="${2}">${items}${null}</ol>`)).toBe('<ol start="2"><li>a</li>\n<li>b</li></ol>');
  expect(String(html`${trusted('<hr>')}`)).toBe('<hr>');
});

test('hostile text opens no tag, ends no attribute and hides no character', () => {
  const page = String(html`<p title="${hostileText}">${hostileText}</p>`);
  expect(page.match(/<[^>]*>/g)).toHaveLength(2);
  expect(page.match(/"/g)).toHaveLength(2);
  expect(page).toContain('\\u202edeliver\\u2028');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('overlong text is cut and says so', () => {
  const page = String(html`${hugeText}`);
  expect(page.length).toBeLessThan(textLimit * 2);
  expect(page).toMatch(/… \(\d+ more characters\)$/);
});
