// Pictures in what people write: added, described, shown, and found without
// JavaScript.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** A picture as a camera would write it, drawn by the browser. */
const drawn = (page, width, height, type = 'image/jpeg') =>
	page.evaluate(
		async ([w, h, kind]) => {
			const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
			const pen = canvas.getContext('2d');
			pen.fillStyle = '#87a878';
			pen.fillRect(0, 0, w, h);
			pen.fillStyle = '#5b4636';
			pen.fillRect(w / 4, h / 4, w / 2, h / 2);
			const blob = await new Promise((done) => canvas.toBlob(done, kind));
			return [...new Uint8Array(await blob.arrayBuffer())];
		},
		[width, height, type]
	);

async function clear(page, where) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
	}
	await page.setViewportSize({ width: 390, height: 844 });
	assert.deepEqual(await barriers(page), [], `${where}, on a phone`);
	assert.deepEqual(await overflow(page), [], where);
	await page.setViewportSize({ width: 1280, height: 900 });
}

test('somebody shows pictures with what they write', async (t) => {
	const page = await visitor({ reducedMotion: 'reduce' });
	await joinWithPassword(page, fresh('mason'));
	const group = fresh('wall');
	await api(page, 'POST', '/groups', { name: group, title: 'Walls' });
	const file = async (name, width, height) => ({ name, mimeType: 'image/jpeg', buffer: Buffer.from(await drawn(page, width, height)) });

	await t.test('chosen, described, in order, and kept over a reload', async () => {
		await page.goto(`/submit?group=${group}`);
		await page.getByLabel('Title').fill('The wall by the road');
		await page.locator('form input[type=file]').setInputFiles([await file('one.jpg', 900, 600), await file('two.jpg', 400, 700)]);
		const dialog = page.getByRole('dialog', { name: 'What does this picture show?' });
		await dialog.waitFor();
		await clear(page, 'the question for a description');
		await page.keyboard.type('A wall of brown stones');
		await page.keyboard.press('Control+Enter');
		await page.getByText('A wall of brown stones').waitFor();
		await dialog.getByRole('button', { name: 'Not now' }).press('Enter');
		await page.getByRole('list', { name: 'What you add' }).getByRole('button', { name: 'Move back' }).first().press('Enter');
		await page.getByText('It is number 2 of 2 now.').waitFor();
		await clear(page, 'a post with pictures, being written');
		await page.waitForFunction(() => Object.values(localStorage).some((text) => text.includes('brown stones')));
		await page.reload();
		await page.getByText('A wall of brown stones').waitFor();
		await page.getByRole('button', { name: 'Post', exact: true }).last().press('Enter');
		await page.waitForURL(/\/post\/\d+/);
		const shown = page.locator('.gallery img');
		await shown.nth(1).waitFor();
		assert.deepEqual(await shown.evaluateAll((list) => list.map((img) => img.alt)), ['', 'A wall of brown stones']);
		await clear(page, 'a post with pictures');
	});
	const at = page.url();

	await t.test('dropped and pasted into a comment, and what is none is refused', async () => {
		await page.getByRole('button', { name: 'Write a comment' }).click();
		const area = page.locator('.writing textarea');
		await area.fill('Mine:');
		const bytes = await drawn(page, 300, 300, 'image/png');
		await area.evaluate((node, data) => {
			const carried = new DataTransfer();
			carried.items.add(new File([new Uint8Array(data)], 'paste.png', { type: 'image/png' }));
			node.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
		}, bytes);
		await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
		await page.locator('.writing input[type=file]').setInputFiles({ name: 'drawing.png', mimeType: 'image/png', buffer: Buffer.from('<svg/>') });
		await page.getByText('This is not a picture that can be read here').waitFor();
		await page.getByRole('button', { name: 'Dismiss' }).click();
		await page.getByRole('button', { name: 'Send' }).click();
		await page.locator('.comment .gallery img').waitFor();
	});

	await t.test('put into the text', async () => {
		await page.goto(`/submit?group=${group}`);
		await page.getByLabel('Title').fill('In the middle');
		await page.locator('form textarea').fill('First.\n\nLast.');
		await page.locator('form input[type=file]').setInputFiles(await file('mid.jpg', 500, 300));
		await page.getByRole('dialog').locator('textarea').fill('The middle');
		await page.getByRole('button', { name: 'Save' }).click();
		await page.getByRole('button', { name: 'Put into the text' }).click();
		assert.match(await page.locator('form textarea').inputValue(), /!\[The middle\]\(\/media\/[0-9a-f]{32}\.webp\)/);
		await page.getByRole('button', { name: 'Post', exact: true }).last().click();
		await page.waitForURL(/\/post\/\d+/);
		await page.locator('.body img[alt="The middle"]').waitFor();
	});

	await t.test('without JavaScript', async () => {
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto(at);
		assert.equal(await plain.locator('.post-full .gallery img').count(), 2);
		assert.equal(await plain.locator('.comment .gallery img').count(), 1);
		await plain.goto(`/c/${group}?sort=new`);
		assert.equal(await plain.locator('.thumb img').count(), 1);
	});
});
