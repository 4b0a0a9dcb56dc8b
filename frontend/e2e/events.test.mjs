// Writing of an event, and moving it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** Nothing in the way, light and dark, at a desk and on a phone. */
async function clear(page, where) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
	}
	for (const viewport of [{ width: 390, height: 844 }, { width: 320, height: 640 }, { width: 1280, height: 900 }]) {
		await page.setViewportSize(viewport);
		assert.deepEqual(await overflow(page), [], `${where}, ${viewport.width} wide`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
}

test('an event is written, kept as a draft, published, and moved', async (t) => {
	const host = await visitor({ reducedMotion: 'reduce', timezoneId: 'Europe/Berlin' });
	await joinWithPassword(host, fresh('host'));
	const group = fresh('dances');
	await api(host, 'POST', '/groups', { name: group, title: 'Dances' });
	const year = new Date().getFullYear() + 1;
	const send = () => host.getByRole('button', { name: 'Post', exact: true }).click();

	await t.test('what is wrong stands where it is wrong', async () => {
		await host.goto(`/submit?group=${group}`);
		await host.getByRole('button', { name: 'Event', exact: true }).click();
		await host.getByLabel('Title').fill('A dance in the barn');
		assert.equal(await host.getByLabel('Time zone').inputValue(), 'Europe/Berlin');
		assert.equal(await host.getByRole('button', { name: 'Add a poll' }).count(), 0, 'a post is one thing');
		await send();
		await host.getByText('Say on which day it begins').waitFor();
		assert.equal(await host.getByLabel('Begins').evaluate((el) => el === document.activeElement), true);
		await clear(host, 'nothing said yet');
		await host.getByLabel('Begins').fill(`${year}-07-11T19:00`);
		await host.getByLabel('Ends').fill(`${year}-07-11T18:00`);
		await host.getByLabel('Link (optional)').fill('the barn');
		await send();
		await host.getByText('This is before it begins.').waitFor();
		await host.getByText('This should be a web address').waitFor();
		await clear(host, 'what is wrong');
	});

	await t.test('a draft keeps it', async () => {
		await host.getByLabel('Ends').fill(`${year}-07-11T23:30`);
		await host.getByLabel('Link (optional)').fill('https://example.org/dance');
		await host.getByLabel('Place').fill('The barn, 1 Hill Road');
		await host.goto('about:blank');
		await host.goto(`/submit?group=${group}`);
		await host.getByText('This is what you began').waitFor();
		assert.equal(await host.getByLabel('Begins').inputValue(), `${year}-07-11T19:00`);
		assert.equal(await host.getByLabel('Place').inputValue(), 'The barn, 1 Hill Road');
	});

	await t.test('what the server finds is said at its field', async () => {
		const problem = { status: 422, title: 'Unprocessable', detail: 'No.', code: 'invalid', errors: [{ location: 'body.event', message: 'That server shows no events.' }] };
		await host.route('**/api/v1/groups/*/posts', (route) =>
			route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) })
		);
		await send();
		await host.locator('.eventfields .field-error').getByText('That server shows no events.').waitFor();
		await host.unroute('**/api/v1/groups/*/posts');
	});

	await t.test('it is published', async () => {
		await send();
		await host.getByRole('heading', { level: 1, name: 'A dance in the barn' }).waitFor();
		const event = host.locator('#app .event');
		await event.getByText('The barn, 1 Hill Road').waitFor();
		assert.equal(await event.locator('time').getAttribute('datetime'), `${year}-07-11T17:00:00Z`);
		assert.equal(await event.locator('.there').count(), 0, 'one clock is enough where it happens');
		await clear(host, 'published');
	});
	const thread = new URL(host.url()).pathname;

	await t.test('a reader elsewhere sees both clocks, and a plain browser the time', async () => {
		const far = await visitor({ reducedMotion: 'reduce', timezoneId: 'America/New_York' });
		await far.goto(thread);
		assert.match((await far.locator('#app .event time').textContent()) ?? '', /1.00/);
		assert.match((await far.locator('#app .event .there').textContent()) ?? '', /(19|7).00/);
		await clear(far, 'a reader elsewhere');
		assert.deepEqual(far.errors, []);
		await far.context().close();
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto(thread);
		assert.equal(await plain.locator('.event time').first().getAttribute('datetime'), `${year}-07-11T17:00:00Z`);
		await plain.context().close();
	});

	await t.test('its author moves it', async () => {
		await host.getByRole('button', { name: 'Edit' }).click();
		assert.equal(await host.getByLabel('Begins').inputValue(), `${year}-07-11T19:00`);
		assert.equal(await host.getByRole('group', { name: 'Kind of post' }).count(), 0, 'it stays an event');
		await host.getByLabel('Time zone').selectOption('UTC');
		await host.getByLabel('Ends').fill('');
		await clear(host, 'while editing');
		await host.getByRole('button', { name: 'Save' }).click();
		await host.locator(`#app .event time[datetime="${year}-07-11T19:00:00Z"]`).waitFor();
	});

	await t.test('clocks that show the same under other names are one', async () => {
		const near = await visitor({ reducedMotion: 'reduce', timezoneId: 'Atlantic/Reykjavik' });
		await near.goto(thread);
		assert.match((await near.locator('#app .event time').textContent()) ?? '', /(19|7).00/);
		assert.equal(await near.locator('#app .event .there').count(), 0);
		await near.context().close();
	});
	assert.deepEqual(host.errors, []);
});
