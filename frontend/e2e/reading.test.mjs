// Reading: without JavaScript, without waiting, and with the keyboard alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn, visitor, withBrowser } from './browser.mjs';
import { world } from './world.mjs';

withBrowser();

test('everything can be read with JavaScript off', async (t) => {
	const w = await world();
	const page = await visitor({ javaScriptEnabled: false, baseURL: w.base });
	const heading = async () => (await page.locator('h1').first().textContent())?.trim();

	await t.test('home', async () => {
		await page.goto('/');
		assert.ok(await heading());
		assert.ok((await page.locator('.course .post-title').count()) > 0);
		assert.ok(await page.title());
	});
	await t.test('a group', async () => {
		await page.goto(`/c/${w.group}`);
		assert.ok(await heading());
		assert.ok((await page.locator('.course .post-title').count()) > 0);
	});
	await t.test('a thread, with its comments', async () => {
		await page.goto(`/post/${w.post.id}`);
		assert.equal(await heading(), w.post.title);
		assert.match(await page.title(), new RegExp(w.post.title.slice(0, 20).replace(/[^\w ]/g, '.')));
		const shown = await page.locator('.comment').count();
		assert.ok(shown > 0 && shown <= w.post.comment_count, `${shown} of ${w.post.comment_count} comments`);
	});
	await t.test('a person', async () => {
		await page.goto(`/u/${w.account}`);
		assert.match((await heading()) ?? '', /\S/);
	});
	await t.test('it wears the stylesheet', async () => {
		await page.goto('/');
		const gap = await page.locator('.topbar-in').first().evaluate((el) => getComputedStyle(el).display);
		assert.equal(gap, 'flex');
	});
	await page.context().close();
});

// Notes when the app's own content first stood, and looks which questions had
// been asked by then.
const watch = () => {
	new MutationObserver((_, me) => {
		if (!document.querySelector('#app .course, #app .post-full, #app .is-target')) return;
		window.contentAt = performance.now();
		me.disconnect();
	}).observe(document, { childList: true, subtree: true });
};

async function questionsBeforeContent(page, path) {
	await page.goto(path);
	await page.waitForFunction(() => window.contentAt > 0);
	return page.evaluate(() =>
		performance
			.getEntriesByType('resource')
			.filter((r) => new URL(r.name).pathname.startsWith('/api/') && r.startTime < window.contentAt)
			.map((r) => r.name)
	);
}

test('a cold page asks nothing before it shows something', async (t) => {
	const w = await world();
	for (const path of ['/', `/post/${w.post.id}`, `/comment/${w.comment.id}`, `/c/${w.group}`, `/u/${w.account}`]) {
		await t.test(path, async () => {
			const page = await visitor({ baseURL: w.base });
			await page.addInitScript(watch);
			assert.deepEqual(await questionsBeforeContent(page, path), []);
			assert.equal(await page.locator('#ds-ssr').count(), 0, 'the server’s rendering has made room');
			assert.deepEqual(page.errors, []);
			await page.context().close();
		});
	}
});

test('the page does not jump when the app takes over', async () => {
	const w = await world();
	const page = await visitor({ baseURL: w.base });
	await page.addInitScript(() => {
		window.shift = 0;
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
		}).observe({ type: 'layout-shift', buffered: true });
	});
	await page.goto(`/post/${w.post.id}`);
	await page.locator('#app .comment').first().waitFor();
	await page.waitForTimeout(300);
	const shift = await page.evaluate(() => window.shift);
	assert.ok(shift <= 0.02, `layout shift ${shift}`);
	await page.context().close();
});

test('the keyboard is enough to read', async (t) => {
	const w = await world();
	const page = await visitor({ baseURL: w.base });
	await signIn(page, w.account, w.password);
	const focused = () => page.evaluate(() => document.activeElement?.id ?? '');

	await t.test('j and k walk the rows, Enter opens one', async () => {
		await page.goto(`/c/${w.group}`);
		await page.locator('#app .course').nth(1).waitFor();
		const ids = await page.locator('#app .course').evaluateAll((rows) => rows.map((row) => row.id));
		await page.keyboard.press('j');
		assert.equal(await focused(), ids[0]);
		await page.keyboard.press('j');
		assert.equal(await focused(), ids[1]);
		await page.keyboard.press('k');
		assert.equal(await focused(), ids[0]);
		await page.keyboard.press('Enter');
		await page.waitForURL(`**/${ids[0].replace('-', '/')}`);
	});

	await t.test('x folds a branch, r answers, typing is only typing', async () => {
		await page.goto(`/post/${w.post.id}`);
		const comment = page.locator('#app .comment').first();
		await comment.waitFor();
		await comment.locator('.comment-in').first().focus();
		const fold = comment.locator('[data-act=fold]').first();
		await page.keyboard.press('x');
		assert.equal(await fold.getAttribute('aria-expanded'), 'false');
		assert.equal(await comment.locator('.tree').count(), 0);
		await page.keyboard.press('x');
		assert.equal(await fold.getAttribute('aria-expanded'), 'true');
		await page.keyboard.press('r');
		const field = page.getByRole('textbox', { name: /^Reply to/ });
		await field.waitFor();
		await page.keyboard.type('jxk?');
		assert.equal(await field.inputValue(), 'jxk?');
		assert.equal(await page.getByRole('dialog').count(), 0);
		await field.fill('');
	});

	await t.test('? shows the keys, and they can be turned off', async () => {
		await page.goto(`/c/${w.group}`);
		await page.locator('#app .course').first().waitFor();
		await page.keyboard.press('?');
		const dialog = page.getByRole('dialog');
		await dialog.getByLabel('Single-letter shortcuts').uncheck();
		await dialog.getByRole('button', { name: 'Close' }).click();
		await page.locator('body').press('j');
		assert.equal(await page.locator('#app .course:focus').count(), 0);
		await page.reload();
		await page.locator('#app .course').first().waitFor();
		await page.keyboard.press('?');
		assert.equal(await page.getByRole('dialog').count(), 0);
	});

	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('what does not exist is said plainly', async () => {
	const page = await visitor();
	for (const path of ['/c/there_is_no_such_group', '/post/9007199254740991', '/post/abc', '/no/such/road']) {
		await page.goto(path);
		await page.locator('#app').getByRole('heading', { level: 1, name: 'Nothing stands here' }).waitFor();
	}
	await page.context().close();
});
