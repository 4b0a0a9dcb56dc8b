// Pictures of the app, for the documentation: of a server at DRYSTONE_URL that
// `drystone demo` filled. They go to docs/screens.
import { mkdir, stat } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const base = process.env.DRYSTONE_URL?.replace(/\/$/, '');
if (!base) throw new Error('DRYSTONE_URL must hold the address of a server with demo data');
const out = new URL('../../docs/screens/', import.meta.url).pathname;
const largest = 250_000;

const sizes = {
	desktop: { viewport: { width: 1280, height: 900 } },
	phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
};

const draft = {
	title: 'Gap in the cheek end: rebuild it, or take the whole end down?',
	body: `The frost got behind the **cheek end** of the lower wall and pushed out about a metre of it. The foundation is sound, I can stand on it.

Two ways I can see:

- rebuild only the gap and tie it in with *through-stones*
- strip the last three metres and start again from the footing

> One on two, two on one, and never a running joint.

That is all I remember from the course. What would you do before the sheep find out?`
};

/** The thread people talked about most, of those whose first lines are words. */
async function liveliest() {
	const { items } = await (await fetch(`${base}/api/v1/groups/garden/posts?sort=hot`)).json();
	return [...items].sort((a, b) => b.comment_count - a.comment_count)[0].id;
}

const thread = await liveliest();
const screens = {
	home: (page) => page.goto('/'),
	group: (page) => page.goto('/c/garden'),
	thread: (page) => page.goto(`/post/${thread}?sort=top`),
	async compose(page) {
		await page.goto('/submit?group=garden');
		await page.getByLabel('Title').fill(draft.title);
		await page.getByRole('textbox', { name: 'Text' }).fill(draft.body);
		await page.getByRole('button', { name: 'Preview' }).click();
		await page.locator('.shown blockquote').waitFor();
		await page.evaluate(() => {
			document.activeElement?.blur();
			scrollTo(0, 0);
		});
	}
};

const wanted = [
	'home-desktop-light',
	'home-phone-dark',
	'thread-desktop-light',
	'thread-phone-light',
	'thread-phone-dark',
	'compose-desktop-light',
	'compose-phone-light',
	'group-desktop-dark'
];

const chrome = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--headless', '--no-sandbox', '--disable-gpu']
});
try {
	await mkdir(out, { recursive: true });
	for (const name of wanted.filter((n) => n.includes(process.argv[2] ?? ''))) {
		const [screen, size, colorScheme] = name.split('-');
		const context = await chrome.newContext({ baseURL: base, colorScheme, reducedMotion: 'reduce', ...sizes[size] });
		const page = await context.newPage();
		const answer = await context.request.post(`${base}/api/v1/session`, {
			data: { name: 'bob', password: 'drystone-demo' },
			headers: { 'Sec-Fetch-Site': 'same-origin' }
		});
		if (!answer.ok()) throw new Error(`bob cannot sign in: ${answer.status()}`);
		await screens[screen](page);
		await page.locator('#app h1').first().waitFor();
		await page.waitForLoadState('networkidle');
		const file = `${out}${name}.png`;
		await page.screenshot({ path: file });
		const { size: bytes } = await stat(file);
		console.log(`${name}.png  ${Math.round(bytes / 1000)} kB`);
		if (bytes > largest) throw new Error(`${name}.png is larger than ${largest / 1000} kB`);
		await context.close();
	}
} finally {
	await chrome.close();
}
