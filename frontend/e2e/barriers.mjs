// What stands in people's way: barriers that axe knows, and what must be
// scrolled sideways.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function barriers(page) {
	await page.evaluate(axe);
	const { violations } = await page.evaluate((values) => {
		// Far parts of a thread are laid out only when they come into view; axe
		// would measure their placeholders.
		const all = new CSSStyleSheet();
		all.replaceSync('.comment { content-visibility: visible !important }');
		document.adoptedStyleSheets = [all];
		return window.axe.run(document, {
			runOnly: { type: 'tag', values },
			// A good habit, but up to whoever wrote the table in their post.
			rules: { 'empty-table-header': { enabled: false } }
		});
	}, standards);
	return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary}`));
}

export const overflow = (page) =>
	page.evaluate(() => {
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) return [];
		return [...document.querySelectorAll('body *')]
			.filter((el) => !el.closest('svg') && el.getBoundingClientRect().right > width + 1)
			.slice(0, 5)
			.map((el) => `${el.tagName}.${el.className} reaches ${el.getBoundingClientRect().right} of ${width}`);
	});
