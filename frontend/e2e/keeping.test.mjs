// Looking after a group: what moderators do, what everybody can read of it, and
// groups that are not for everybody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, base, fresh, joinWithPassword, signIn, visitor, withBrowser } from './browser.mjs';

withBrowser();

// Where the demo lives people need not sign up first, and alice administers.
const demo = process.env.DRYSTONE_DEMO_URL?.replace(/\/$/, '');
const home = { baseURL: demo ?? base };

async function enter(who, options = {}) {
	const page = await visitor({ ...home, ...options });
	if (demo) {
		await signIn(page, who, 'drystone-demo');
		return { page, name: who };
	}
	const name = fresh(who);
	await joinWithPassword(page, name);
	return { page, name };
}

let known;
const people = () =>
	(known ??= (async () => ({ alice: await enter('alice'), bob: await enter('bob'), carol: await enter('mira') }))());

/** A group of alice's with a thread of bob's, in which two answer. */
async function quarrel(visibility = 'public') {
	const { alice, bob, carol } = await people();
	const group = fresh('keep');
	await api(alice.page, 'POST', '/groups', { name: group, title: 'The kept field', visibility });
	const post = await api(bob.page, 'POST', `/groups/${group}/posts`, { title: 'Gravel for sale', body: 'Cheap!' });
	const comment = await api(bob.page, 'POST', `/posts/${post.id}/comments`, { body: 'Very **cheap**.' });
	await api(carol.page, 'POST', `/posts/${post.id}/comments`, { body: 'How cheap?', parent_id: comment.id });
	return { alice, bob, carol, group, post };
}

/** Opens the menu of what moderators do to an item and presses one of them. */
async function moderate(item, choice) {
	await item.getByRole('button', { name: 'Moderate' }).first().click();
	const dialog = item.page().getByRole('dialog');
	await dialog.getByRole('button', { name: choice }).click();
	return dialog;
}

const errors = (...them) => assert.deepEqual(them.flatMap(({ page }) => page.errors), []);

test('a moderator locks, pins, removes and bans; everybody can read that, and it is put right', async (t) => {
	const { alice, bob, group, post } = await quarrel();
	const { page } = alice;
	const full = page.locator('.post-full');

	await t.test('locks a thread, saying why, and puts it on top', async () => {
		await page.goto(`/post/${post.id}`);
		const dialog = await moderate(full, 'Lock: no more answers …');
		await dialog.getByLabel('Reason').fill('All has been said.');
		await dialog.getByRole('button', { name: 'Lock', exact: true }).click();
		await full.locator('.badge').getByText('Locked').waitFor();
		await moderate(full, 'Put on top of the group');
		await full.locator('.badge').getByText('Pinned').waitFor();
		await page.goto(`/c/${group}`);
		await page.locator('#app .course-featured').getByText('Gravel for sale').waitFor();
		await bob.page.goto(`/post/${post.id}`);
		await bob.page.locator('#app .comment').first().waitFor();
		assert.equal(await bob.page.getByRole('button', { name: 'Write a comment' }).count(), 0);
	});

	await t.test('removes a comment with its answers, and puts them back', async () => {
		await page.goto(`/post/${post.id}`);
		const dialog = await moderate(page.locator('.comment').first(), 'Remove …');
		await dialog.getByLabel('Reason').fill('No selling here.');
		await dialog.getByLabel('Also remove everything below it').check();
		await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
		await page.locator('.comment .weathered').first().waitFor();
		await bob.page.reload();
		await bob.page.locator('#app .comment .weathered').nth(1).waitFor();
		assert.equal(await bob.page.locator('#app .comment .body').count(), 0);
		await page.locator('.comment').first().getByRole('button', { name: 'Put back' }).first().click();
		await page.locator('.comment').first().locator('.body').first().waitFor();
		await bob.page.reload();
		await bob.page.locator('#app .comment .body').nth(1).waitFor();
	});

	await t.test('bans somebody for a week, with what they wrote', async () => {
		await page.goto(`/post/${post.id}`);
		const dialog = await moderate(full, `Ban ${bob.name} …`);
		await dialog.getByLabel('Reason').fill('Only ever sells gravel.');
		await dialog.getByLabel('Remove everything they wrote there').check();
		await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
		await dialog.waitFor({ state: 'detached' });
		await bob.page.goto(`/c/${group}`);
		await bob.page.locator('#app .notice').getByText('You are banned from this group until').waitFor();
		await bob.page.locator('#app .notice').getByText('Only ever sells gravel.').waitFor();
		assert.equal(await bob.page.getByRole('link', { name: 'Post here' }).count(), 0);
		await bob.page.goto(`/post/${post.id}`);
		await bob.page.locator('.post-full .weathered').waitFor();
	});

	await t.test('lifts the ban, which brings it back', async () => {
		await page.goto(`/c/${group}`);
		await page.locator('.group-acts').getByRole('link', { name: 'Moderation' }).click();
		await page.getByRole('button', { name: `Lift the ban of ${bob.name}` }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Lift the ban' }).click();
		await page.getByText('Nobody is banned').waitFor();
		await bob.page.goto(`/post/${post.id}`);
		await bob.page.locator('.post-full .body').getByText('Cheap!').waitFor();
	});

	await t.test('who is not signed in can read the log, with or without JavaScript, and not who decided', async () => {
		for (const javaScriptEnabled of [true, false]) {
			const reader = await visitor({ ...home, javaScriptEnabled });
			await reader.goto(`/c/${group}/log`);
			const log = reader.locator(javaScriptEnabled ? '#app main' : 'main');
			await log.getByText('locked a thread').waitFor();
			const text = await log.textContent();
			const expected = ['All has been said.', 'put a post on top', 'No selling here.', 'brought a comment back', 'banned', 'Only ever sells gravel.', 'lifted a ban', 'until'];
			for (const words of expected) assert.ok(text.includes(words), `${words} in ${text}`);
			assert.equal(await log.getByRole('link', { name: alice.name, exact: true }).count(), 0);
			assert.equal(text.includes('until now'), false);
			await reader.context().close();
		}
	});
	errors(alice, bob);
});

test('a private group: one asks, is let in, reads and writes; a stranger sees only the door', async () => {
	const { alice, bob, carol } = await people();
	const group = fresh('den');
	await alice.page.goto('/groups/new');
	await alice.page.getByLabel('Name', { exact: true }).fill(group);
	await alice.page.getByLabel('Title').fill('The den');
	await alice.page.getByRole('radio', { name: 'Private' }).check();
	await alice.page.getByRole('button', { name: 'Create the group' }).click();
	await alice.page.waitForURL(`**/c/${group}`);
	const post = await api(alice.page, 'POST', `/groups/${group}/posts`, { title: 'Between us', body: 'A secret.' });

	const stranger = await visitor({ ...home });
	for (const page of [stranger, bob.page, carol.page]) {
		await page.goto(`/c/${group}`);
		await page.locator('#app').getByText('For members only').waitFor();
		assert.equal(await page.getByText('Between us').count(), 0);
		await page.goto(`/post/${post.id}`);
		await page.locator('#app h1').waitFor();
		assert.equal(await page.getByText('A secret.').count(), 0);
	}

	await carol.page.goto(`/c/${group}`);
	await carol.page.getByRole('button', { name: 'Ask to join: The den' }).click();
	await carol.page.getByRole('button', { name: 'Asked to join: The den' }).waitFor();

	await alice.page.goto(`/c/${group}`);
	await alice.page.locator('.group-acts').getByRole('link', { name: '1 asks to join' }).click();
	await alice.page.getByRole('button', { name: `Let in ${carol.name}` }).click();
	await alice.page.getByText('Nobody is waiting').waitFor();
	await alice.page.getByRole('button', { name: `Remove ${carol.name}` }).waitFor();

	await carol.page.goto(`/c/${group}`);
	await carol.page.getByRole('link', { name: 'Between us' }).first().click();
	await carol.page.locator('.post-full .body').getByText('A secret.').waitFor();
	await carol.page.goto(`/submit?group=${group}`);
	await carol.page.getByLabel('Title').fill('I shall keep it');
	await carol.page.getByRole('button', { name: 'Post', exact: true }).click();
	await carol.page.getByRole('heading', { level: 1, name: 'I shall keep it' }).waitFor();

	const still = await visitor({ ...home, javaScriptEnabled: false });
	await still.goto(`/c/${group}`);
	await still.getByRole('heading', { level: 1, name: 'The den' }).waitFor();
	assert.equal(await still.getByText(/Between us|I shall keep it/).count(), 0);
	await still.context().close();
	await stranger.context().close();
	errors(alice, bob, carol);
});

test('a group for this server only is not there for who is signed out', async () => {
	const { bob, group, post } = await quarrel('local');
	for (const javaScriptEnabled of [true, false]) {
		const page = await visitor({ ...home, javaScriptEnabled });
		for (const path of [`/c/${group}`, `/c/${group}/log`, `/post/${post.id}`]) {
			const answer = await page.goto(path);
			assert.equal(answer.status(), 404, path);
			await page.getByRole('heading', { level: 1, name: /Nothing stands here|Not Found/ }).first().waitFor();
			assert.equal(await page.getByText(/The kept field|Gravel for sale/).count(), 0, path);
		}
		await page.context().close();
	}
	await bob.page.goto(`/c/${group}`);
	await bob.page.getByRole('link', { name: 'Gravel for sale' }).first().waitFor();
	errors(bob);
});

test('moderators come and go, and what is wrong is said where it is wrong', async () => {
	const { alice, bob, group } = await quarrel();
	const { page } = alice;
	await page.goto(`/c/${group}/keep`);
	const name = page.getByLabel('Make somebody a moderator');
	for (const [wrong, words] of [['', 'Say who.'], ['nobodyiscalledthis', 'There is nobody called']]) {
		await name.fill(wrong);
		await page.getByRole('button', { name: 'Add', exact: true }).click();
		await page.locator('.field-error').getByText(words).waitFor();
		assert.equal(await name.getAttribute('aria-invalid'), 'true');
		assert.ok(await name.evaluate((el) => el === document.activeElement), 'the field has the focus');
	}
	await name.fill(`@${bob.name}`);
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('button', { name: `Remove ${bob.name}` }).waitFor();
	assert.equal(await page.locator('.field-error').count(), 0);

	await bob.page.goto(`/c/${group}`);
	await bob.page.locator('.group-acts').getByRole('link', { name: 'Moderation' }).click();
	await bob.page.getByRole('button', { name: 'Step down' }).waitFor();
	await page.getByRole('button', { name: `Remove ${bob.name}` }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
	await page.getByRole('button', { name: `Remove ${bob.name}` }).waitFor({ state: 'detached' });
	await bob.page.goto(`/c/${group}/keep`);
	await bob.page.locator('#app').getByText('Only moderators').waitFor();

	// Whoever never wrote there is banned by name.
	await page.getByRole('button', { name: 'Ban somebody' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Who?').fill(alice.name);
	await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
	await dialog.locator('.field-error').waitFor();
	await dialog.getByLabel('Who?').fill(bob.name);
	await dialog.getByLabel('For how long?').selectOption('For good');
	await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
	await dialog.waitFor({ state: 'detached' });
	await page.getByRole('button', { name: `Lift the ban of ${bob.name}` }).waitFor();
	errors(alice, bob);
});

test('an administrator bans from the whole server, and lifts that', { skip: !demo }, async (t) => {
	const { alice, bob } = await people();
	const { page } = alice;
	const pest = await visitor({ ...home });
	const name = fresh('pest');
	await joinWithPassword(pest, name);
	const post = await api(pest, 'POST', '/groups/garden/posts', { title: 'Buy pebbles', body: 'Round ones!' });
	const dialog = page.getByRole('dialog');

	await t.test('nobody else may look', async () => {
		await bob.page.goto('/admin/bans');
		await bob.page.locator('#app').getByText('Only administrators of this server').waitFor();
		assert.equal(await bob.page.getByRole('button', { name: 'Ban somebody' }).count(), 0);
		const guest = await visitor({ ...home });
		await guest.goto('/admin/bans');
		await guest.waitForURL('**/login?next=*');
		await guest.context().close();
	});

	await t.test('whom nobody knows, and whom they may not ban, is said at the name', async () => {
		await page.goto('/admin/peers');
		await page.getByRole('link', { name: 'Banned from this server' }).click();
		await page.getByRole('button', { name: 'Ban somebody' }).click();
		const who = dialog.getByLabel('Who?');
		for (const [wrong, words] of [['', 'Say who.'], ['nobodyiscalledthis', 'There is nobody called'], [alice.name, 'yourself']]) {
			await who.fill(wrong);
			await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
			await dialog.locator('.field-error').getByText(words).waitFor();
			assert.ok(await who.evaluate((el) => el === document.activeElement), 'the field has the focus');
			assert.deepEqual([...(await barriers(page)), ...(await overflow(page))], []);
		}
		await page.keyboard.press('Escape');
		await dialog.waitFor({ state: 'detached' });
	});

	await t.test('somebody of here, for a month and with what they wrote', async () => {
		await page.getByRole('button', { name: 'Ban somebody' }).click();
		await dialog.getByLabel('Who?').fill(`@${name}`);
		await dialog.getByLabel('For how long?').selectOption('Thirty days');
		await dialog.getByLabel('Reason').fill('Sells pebbles everywhere.');
		await dialog.getByLabel('Remove everything they wrote').check();
		await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
		const row = page.locator('.courses li', { hasText: name });
		await row.getByText('Sells pebbles everywhere.').waitFor();
		await row.getByText(/until \w+ \d+/).waitFor();
		await bob.page.goto(`/post/${post.id}`);
		await bob.page.locator('.post-full .weathered').waitFor();
		await bob.page.goto(`/u/${name}`);
		await bob.page.locator('#app').getByText(`${name} is banned from this server.`).waitFor();
		await pest.goto('/submit?group=garden');
		await pest.getByLabel('Title').fill('More pebbles');
		await pest.getByRole('button', { name: 'Post', exact: true }).click();
		await pest.locator('#app').getByText('You are banned from this server until').waitFor();
	});

	await t.test('somebody of elsewhere, for good', async () => {
		const { items } = await api(page, 'GET', '/feed?view=all&limit=100');
		const far = items.find((p) => p.author.host)?.author.handle;
		assert.ok(far, 'the demo knows somebody of elsewhere');
		await page.goto('/admin/bans');
		await page.getByRole('button', { name: 'Ban somebody' }).click();
		await dialog.getByLabel('Who?').fill(far);
		await dialog.getByLabel('For how long?').selectOption('For good');
		await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
		await page.locator('.courses li', { hasText: far }).getByText('For good').waitFor();
		const still = await visitor({ ...home, javaScriptEnabled: false, storageState: await page.context().storageState() });
		await still.goto('/admin/bans');
		for (const one of [far, name]) await still.locator('main li', { hasText: one }).waitFor();
		await still.context().close();
		await page.getByRole('button', { name: `Lift the ban of ${far}` }).click();
		await dialog.getByRole('button', { name: 'Lift the ban' }).click();
		await page.locator('.courses li', { hasText: far }).waitFor({ state: 'detached' });
	});

	await t.test('it is lifted, and what was removed is back', async () => {
		await page.getByRole('button', { name: `Lift the ban of ${name}` }).click();
		await dialog.getByRole('button', { name: 'Lift the ban' }).click();
		await page.getByText('Nobody is banned').waitFor();
		await bob.page.goto(`/post/${post.id}`);
		await bob.page.locator('.post-full .body').getByText('Round ones!').waitFor();
	});
	assert.deepEqual(pest.errors, []);
	errors(alice, bob);
});

test('no barriers where groups are looked after', async (t) => {
	const { alice, bob, carol, group, post } = await quarrel();
	const den = fresh('den');
	await api(alice.page, 'POST', '/groups', { name: den, title: 'The den', visibility: 'private' });
	await api(carol.page, 'PUT', `/groups/${den}/membership`);
	await api(alice.page, 'PUT', `/posts/${post.id}/featured`);
	await api(alice.page, 'POST', `/posts/${post.id}/lock`, { reason: 'All has been said, more than once and by everybody.' });
	const end = new Date(Date.now() + 7 * 24 * 3600_000).toISOString();
	await api(alice.page, 'PUT', `/groups/${group}/bans/${bob.name}`, { until: end, reason: 'To cool off.' });

	const outside = [`/c/${group}/log`, `/c/${den}`];
	const inside = [`/c/${group}`, `/c/${group}/keep`, `/c/${group}/log`, `/c/${den}`, `/c/${den}/members`, `/c/${den}/keep`, '/groups/new', `/u/${bob.name}`];
	if (demo) inside.push('/admin/bans', '/settings');

	async function look(page, path) {
		await page.goto(path);
		await page.locator('#app h1').first().waitFor();
		await page.waitForTimeout(150); // side panels come after the page
		assert.deepEqual([...(await barriers(page)), ...(await overflow(page))], [], path);
	}
	async function lookAt(page, what) {
		await page.getByRole('dialog').waitFor();
		assert.deepEqual([...(await barriers(page)), ...(await overflow(page))], [], what);
		await page.keyboard.press('Escape');
		await page.getByRole('dialog').waitFor({ state: 'detached' });
	}

	for (const colorScheme of ['light', 'dark']) {
		const still = await visitor({ ...home, colorScheme, viewport: { width: 390, height: 844 } });
		for (const path of outside) await t.test(`${colorScheme}: ${path}`, () => look(still, path));
		await still.context().close();
		for (const width of [1280, 390]) {
			const state = await alice.page.context().storageState();
			const page = await visitor({ ...home, colorScheme, storageState: state, viewport: { width, height: 844 } });
			for (const path of inside) await t.test(`${colorScheme}, ${width}, moderating: ${path}`, () => look(page, path));
			await t.test(`${colorScheme}, ${width}: what is asked`, async () => {
				await page.goto(`/post/${post.id}`);
				const full = page.locator('.post-full');
				await full.getByRole('button', { name: 'Moderate' }).click();
				await lookAt(page, 'the menu');
				for (const choice of ['Remove …', `Ban ${bob.name} …`]) {
					await moderate(full, choice);
					await lookAt(page, choice);
				}
				await page.locator('.comment').first().getByRole('button', { name: 'Moderate' }).first().click();
				await page.getByRole('dialog').getByRole('button', { name: 'Lock: no more answers …' }).click();
				await lookAt(page, 'why it is locked');
				await page.goto(`/c/${group}/keep`);
				await page.getByRole('button', { name: `Lift the ban of ${bob.name}` }).click();
				await lookAt(page, 'lifting a ban');
			});
			assert.deepEqual(page.errors, []);
			await page.context().close();
		}
	}
});
