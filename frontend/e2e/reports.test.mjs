// Somebody finds something wrong, and somebody else answers that.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, eventually, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

const phone = { width: 390, height: 844 };
const narrow = { width: 320, height: 640 };
const desktop = { width: 1280, height: 900 };

let people;

/** alice, who looks after a group, and bob and carol, who are in it. */
async function threePeople() {
	const [alice, bob, carol] = [await visitor(), await visitor(), await visitor()];
	const names = { alice: fresh('alice'), bob: fresh('bob'), carol: fresh('carol') };
	await joinWithPassword(alice, names.alice);
	await joinWithPassword(bob, names.bob);
	await joinWithPassword(carol, names.carol);
	return { alice, bob, carol, names };
}

/** A group of alice's with two adverts of carol's. */
async function advert() {
	const all = await (people ??= threePeople());
	const group = fresh('plot');
	await api(all.alice, 'POST', '/groups', { name: group, title: 'The plot' });
	const post = await api(all.carol, 'POST', `/groups/${group}/posts`, {
		title: 'Cheap slates',
		body: 'Call me for **very** cheap slates.'
	});
	const other = await api(all.carol, 'POST', `/groups/${group}/posts`, { title: 'More slates', body: 'Still cheap.' });
	const leave = () => assert.deepEqual([...all.alice.errors, ...all.bob.errors, ...all.carol.errors], []);
	return { ...all, group, post, other, leave };
}

const queue = (page) => page.locator('#app .courses > li[data-item]');

test('bob reports a post; alice claims, warns and resolves; bob and carol are told', async () => {
	const { alice, bob, carol, names, group, post, leave } = await advert();

	await bob.goto(`/post/${post.id}`);
	await bob.getByRole('button', { name: 'Report', exact: true }).click();
	const dialog = bob.getByRole('dialog');
	await dialog.getByRole('button', { name: 'Send the report' }).click();
	await dialog.getByText('Choose what comes closest.').waitFor();
	await dialog.getByLabel('Spam or an advert').check();
	await dialog.getByLabel('In your own words').fill('The third time this week.');
	await dialog.getByRole('button', { name: 'Send the report' }).click();
	await dialog.getByText('The moderators of The plot will look at it').waitFor();
	await dialog.getByRole('link', { name: 'what you reported' }).click();
	await bob.waitForURL('**/reports?scope=filed');
	await queue(bob).getByText('The third time this week.').waitFor();
	assert.equal(await bob.getByRole('button', { name: 'Resolve' }).count(), 0, 'who reports does not decide');

	const flag = alice.locator('.topacts a[href="/reports"]');
	await alice.goto('/');
	await eventually(async () => {
		await alice.reload();
		assert.match((await flag.getAttribute('aria-label')) ?? '', /\d open/);
	});
	await alice.goto(`/reports?group=${group}`);
	const row = queue(alice).first();
	await row.getByText('Spam or an advert: The third time this week.').waitFor();
	await row.getByText('Call me for very cheap slates.').waitFor();
	await row.getByRole('link', { name: names.bob }).waitFor();
	await alice.keyboard.press('j');
	assert.equal(await row.evaluate((el) => el === document.activeElement), true, 'j enters the list');
	await row.getByRole('button', { name: 'I am looking into it' }).click();
	await row.getByText('You are looking into it.').waitFor();
	await row.getByRole('button', { name: `Warn ${names.carol}` }).click();
	const word = alice.getByRole('dialog');
	await word.getByText('Nothing that you may know of.').waitFor();
	await word.getByLabel('What should be different?').fill('Please keep adverts out of the plot.');
	await word.getByRole('button', { name: 'Send the warning' }).click();
	await row.getByText('warned once so far').waitFor();
	await eventually(async () =>
		assert.equal(await row.evaluate((el) => el === document.activeElement), true, 'the warning leaves one at the report')
	);
	await row.getByRole('button', { name: `Warn ${names.carol}` }).click();
	await word.getByText('Please keep adverts out of the plot.').waitFor();
	await word.getByRole('button', { name: 'Cancel' }).click();
	await row.getByRole('button', { name: 'Resolve' }).click();
	await alice.getByRole('dialog').getByLabel('Note (optional)').fill('Carol knows now. Thank you!');
	await alice.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
	await alice.getByText('Nothing waits for you').waitFor();
	assert.equal(await alice.evaluate(() => document.activeElement?.tagName), 'H1', 'nothing is left to stand at');

	await eventually(async () => {
		await bob.goto('/notifications');
		await bob.locator('#app').getByText('dealt with what you reported').waitFor({ timeout: 1000 });
	});
	await bob.getByText('Carol knows now. Thank you!').waitFor();
	await bob.getByText('dealt with what you reported').click();
	await bob.waitForURL(/\/reports\/\d+$/);
	await bob.locator('#app .report .badge').getByText('Resolved').waitFor();
	await eventually(async () => {
		await carol.goto('/notifications');
		await carol.locator('#app').getByText('Please keep adverts out of the plot.').waitFor({ timeout: 1000 });
	});
	leave();
});

test('a queue keeps one’s place, removes what is reported, and what is taken back leaves it', async () => {
	const { alice, bob, group, post, other, leave } = await advert();
	await api(bob, 'POST', `/posts/${post.id}/reports`, { reason: 'Spam or an advert' });
	const { id } = await api(bob, 'POST', `/posts/${other.id}/reports`, { reason: 'Off topic here' });
	await alice.goto(`/reports?group=${group}`);
	await queue(alice).nth(1).waitFor();
	const first = queue(alice).first();
	assert.match(await first.innerText(), /Off topic here/, 'the newest first');
	await first.getByRole('button', { name: 'Remove the post' }).click();
	const dialog = alice.getByRole('dialog');
	await dialog.getByLabel('Reason').fill('No selling here.');
	await dialog.getByRole('button', { name: 'Remove' }).click();
	await first.locator('.weathered').getByText('No selling here.').waitFor();
	await first.getByRole('button', { name: 'Reject' }).click();
	await alice.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
	await queue(alice).nth(1).waitFor({ state: 'detached' });
	await eventually(async () =>
		assert.equal(await queue(alice).first().evaluate((el) => el === document.activeElement), true, 'the next one is at hand')
	);
	assert.match(await queue(alice).first().innerText(), /Spam or an advert/);
	await alice.goto(`/reports?group=${group}&state=rejected`);
	await queue(alice).getByText('Off topic here').waitFor();

	await bob.goto('/reports?scope=filed&state=open');
	const mine = queue(bob).first();
	await mine.getByRole('button', { name: 'Take it back' }).click();
	await bob.getByText('You took the report back.').waitFor();
	await alice.goto(`/reports?group=${group}`);
	await alice.locator('#app').getByText('Nothing waits for you').waitFor();
	assert.ok(id);
	const second = await advert();
	await api(bob, 'POST', `/posts/${post.id}/reports`, { reason: 'Spam, still' });
	await api(bob, 'POST', `/posts/${second.post.id}/reports`, { reason: 'Off topic, too' });
	await alice.goto('/reports?scope=mine');
	await alice.locator('#app').getByRole('link', { name: second.group, exact: true }).first().waitFor();
	await alice.locator('#app p.meta', { hasText: 'Only those of' }).getByRole('link', { name: second.group, exact: true }).click();
	await alice.getByText(`Only of ${second.group}.`).waitFor();
	assert.equal(await queue(alice).count(), 1, 'those of the other groups are left out');
	leave();
});

test('several reports of one thing are one line, with the words as they were reported', async () => {
	const { alice, bob, carol, names, group, post, other, leave } = await advert();
	await api(bob, 'POST', `/posts/${post.id}/reports`, { reason: 'Spam or an advert' });
	await api(alice, 'POST', `/posts/${post.id}/reports`, { reason: 'Off topic here' });
	await api(carol, 'PATCH', `/posts/${post.id}`, { title: 'Slates as mulch', body: 'Does it work?' });
	await api(bob, 'POST', `/posts/${other.id}/reports`, { reason: 'Spam, too' });
	await alice.goto(`/reports?group=${group}`);
	await queue(alice).nth(1).waitFor();
	assert.equal(await queue(alice).count(), 2, 'two things');
	const row = queue(alice).nth(1);
	await row.getByText('2 people reported this').waitFor();
	for (const text of ['Spam or an advert', 'Off topic here', 'As reported', 'Does it work?', 'Cheap slates', 'Call me for very cheap slates.']) {
		await row.getByText(text, { exact: true }).waitFor();
	}
	await row.getByRole('link', { name: names.bob }).waitFor();
	await bob.goto(`/reports?scope=filed&group=${group}`);
	await queue(bob).nth(1).waitFor();
	assert.equal(await bob.getByText('Call me for very cheap slates.').count(), 0, 'a reporter sees what is there now');
	assert.equal(await bob.getByText('Off topic here').count(), 0, 'and not what others said');

	const { items } = await api(alice, 'GET', `/reports?group=${group}`);
	await alice.goto(`/reports/${items[1].id}`);
	await alice.getByText('2 people reported this').waitFor();
	await alice.locator('#app .reported strong').getByText('very').waitFor();
	await alice.getByRole('button', { name: 'Resolve' }).click();
	await alice.getByRole('dialog').getByLabel('Note (optional)').fill('Carol changed it.');
	await alice.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
	await alice.getByRole('link', { name: 'Next report' }).click();
	await alice.waitForURL((url) => !url.pathname.endsWith(`/${items[1].id}`));
	await alice.goto(`/reports?group=${group}`);
	await queue(alice).first().getByText('Spam, too').waitFor();
	assert.equal(await queue(alice).count(), 1, 'both reports of the one thing are answered');
	await eventually(async () => {
		await bob.goto('/notifications');
		await bob.locator('#app').getByText('Carol changed it.').waitFor({ timeout: 1000 });
	});
	leave();
});

test('who got a message reports it', async () => {
	const { bob, carol, names, leave } = await advert();
	await api(carol, 'POST', `/conversations/${names.bob}/messages`, { body: 'Buy, or I tell **everybody**.' });
	await bob.goto(`/messages/${names.carol}`);
	const letter = bob.locator('#app .letter').last();
	await letter.getByRole('button', { name: 'Report', exact: true }).click();
	const dialog = bob.getByRole('dialog');
	await dialog.getByText('read this one message, and nothing else').waitFor();
	assert.equal(await dialog.getByRole('checkbox').count(), 0, 'carol lives here: nobody else could read it');
	for (const viewport of [desktop, phone, narrow]) {
		await bob.setViewportSize(viewport);
		assert.deepEqual([...(await barriers(bob)), ...(await overflow(bob))], []);
	}
	await bob.setViewportSize(desktop);
	await dialog.getByLabel('Unkind to somebody').check();
	await dialog.getByRole('button', { name: 'Send the report' }).click();
	await dialog.getByRole('link', { name: 'what you reported' }).click();
	await bob.waitForURL('**/reports?scope=filed');
	await queue(bob).first().getByText('A message that you got.').waitFor();
	assert.equal(await bob.locator('#app').getByText('or I tell').count(), 0);
	await carol.goto(`/messages/${names.bob}`);
	assert.equal(await carol.locator('#app .letter').last().getByRole('button', { name: 'Report', exact: true }).count(), 0, 'one’s own');
	leave();
});

test('without JavaScript there is a form', async () => {
	const { alice, bob, names, group, post, leave } = await advert();
	const plain = await visitor({ javaScriptEnabled: false });
	await plain.context().addCookies(await bob.context().cookies());
	await plain.goto(`/post/${post.id}`);
	await plain.getByRole('link', { name: 'Report', exact: true }).first().click();
	for (const viewport of [desktop, phone, narrow]) {
		await plain.setViewportSize(viewport);
		assert.deepEqual(await overflow(plain), []);
	}
	await plain.getByLabel('Spam or an advert').check();
	await plain.getByLabel('In your own words').fill('Without a script.');
	await plain.getByRole('button', { name: 'Send the report' }).click();
	await plain.getByRole('heading', { name: 'Thank you' }).waitFor();
	await plain.goto(`/u/${names.carol}`);
	await plain.getByRole('link', { name: `Report ${names.carol}` }).click();
	await plain.getByRole('heading', { name: 'Report this person' }).waitFor();
	await plain.context().close();
	await alice.goto(`/reports?group=${group}`);
	await queue(alice).first().getByText('Spam or an advert: Without a script.').waitFor();
	// The same page with scripts, for the barriers.
	await bob.goto(`/post/${post.id}/report`);
	assert.deepEqual(await barriers(bob), []);
	leave();
});

test('who looks after nothing has no queue', async () => {
	const { bob, carol, group, post, leave } = await advert();
	const { id } = await api(bob, 'POST', `/posts/${post.id}/reports`, { reason: 'Spam or an advert' });
	await carol.goto('/');
	assert.equal(await carol.locator('.topacts a[href="/reports"]').count(), 0, 'no flag in the bar');
	for (const address of ['/reports', `/reports?group=${group}`, '/reports?scope=mine&state=all']) {
		await carol.goto(address);
		await carol.locator('#app .empty').waitFor();
		assert.equal(await queue(carol).count(), 0, address);
	}
	for (const address of [`/reports/${id}`, '/reports?scope=server&state=all']) {
		const answer = await carol.goto(address);
		assert.ok([403, 404].includes(answer.status()), `${address} answers ${answer.status()}`);
		assert.equal(await carol.getByText('Spam or an advert').count(), 0, address);
	}
	leave();
});

test('people are reported to the administrators', async () => {
	const { bob, names, leave } = await advert();
	await bob.goto(`/u/${names.carol}`);
	await bob.getByRole('button', { name: `Report ${names.carol}` }).click();
	const dialog = bob.getByRole('dialog');
	await dialog.getByLabel('Something else').check();
	await dialog.getByRole('button', { name: 'Send the report' }).click();
	await dialog.getByText('Say in a few words what is wrong.').waitFor();
	await dialog.getByLabel('In your own words').fill('They say that they are me.');
	await dialog.getByRole('button', { name: 'Send the report' }).click();
	await dialog.getByText(/The administrators of .* will look at it/).waitFor();
	await dialog.getByRole('button', { name: 'Close' }).click();
	leave();
});

for (const colorScheme of ['light', 'dark']) {
	test(`no barriers in reports: ${colorScheme}`, async () => {
		const { alice, bob, carol, group, post, leave } = await advert();
		await api(bob, 'POST', `/posts/${post.id}/reports`, { reason: 'Spam or an advert: Again, and again.' });
		await api(alice, 'POST', `/posts/${post.id}/reports`, { reason: 'Off topic here' });
		await api(carol, 'PATCH', `/posts/${post.id}`, { title: 'Slates', body: `Call me. ${'slates'.repeat(40)}` });
		for (const page of [alice, bob]) await page.emulateMedia({ colorScheme });
		const look = async (page, what) => {
			const found = await barriers(page);
			for (const viewport of [desktop, phone, narrow]) {
				await page.setViewportSize(viewport);
				found.push(...(await overflow(page)));
			}
			await page.setViewportSize(phone);
			found.push(...(await barriers(page)));
			await page.setViewportSize(desktop);
			assert.deepEqual(found, [], what);
		};
		await alice.goto(`/reports?group=${group}`);
		await queue(alice).first().waitFor();
		await look(alice, 'the queue');
		await queue(alice).first().locator('a[href^="/reports/"]').click();
		await alice.locator('#app .reported').waitFor();
		await look(alice, 'one report');
		await alice.goto(`/reports?group=${group}`);
		await queue(alice).first().waitFor();
		for (const name of ['Remove the post', 'Warn', 'Ban', 'Resolve', 'Reject']) {
			await queue(alice).first().getByRole('button', { name }).click();
			await alice.getByRole('dialog').waitFor();
			await look(alice, `the dialog of ${name}`);
			await alice.keyboard.press('Escape');
			await alice.getByRole('dialog').waitFor({ state: 'detached' });
		}
		await bob.goto(`/post/${post.id}`);
		await bob.getByRole('button', { name: 'Report', exact: true }).click();
		await bob.getByRole('dialog').waitFor();
		await look(bob, 'the dialog');
		await bob.goto('/reports?scope=filed');
		await queue(bob).first().waitFor();
		await look(bob, 'what one reported');
		leave();
	});
}
