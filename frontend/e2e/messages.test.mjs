// Two people write to each other, and nobody else reads it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, eventually, fresh, joinWithPassword, signOut, visitor, withBrowser } from './browser.mjs';
import { clear } from './clear.mjs';

withBrowser();

const still = { reducedMotion: 'reduce' };
const secret = 'the Zanzibar seeds';

test('two people write to each other', async (t) => {
	// Still: colours that are on their way have no contrast that could be measured.
	const [ann, ben] = [await visitor(still), await visitor(still)];
	const [annName, benName] = [fresh('ann'), fresh('ben')];
	await joinWithPassword(ann, annName);
	await joinWithPassword(ben, benName);
	const field = (page, name) => page.getByRole('textbox', { name: `Write to ${name}` });
	const letters = (page) => page.locator('#app .letter');
	const unread = (page) => page.locator('.topacts a[href="/messages"]').getAttribute('aria-label');

	await t.test('from somebody’s page, with keys alone', async () => {
		await ann.goto(`/u/${benName}`);
		await ann.getByRole('link', { name: 'Write to them' }).focus();
		await ann.keyboard.press('Enter');
		await ann.getByText('No messages yet').waitFor();
		await clear(ann, 'before the first message');
		await field(ann, benName).focus();
		await ann.keyboard.type(`Do you want ${secret}? They are **rare**.`);
		await ann.keyboard.press('Control+Enter');
		await letters(ann).getByText('Zanzibar').waitFor();
		assert.equal(await field(ann, benName).inputValue(), '');
		await letters(ann).locator('strong', { hasText: 'rare' }).waitFor();
	});

	await t.test('it is announced, listed and read', async () => {
		await ben.goto('/');
		await eventually(async () => assert.equal(await unread(ben), 'Messages, 1 new'));
		await ben.locator('.topacts a[href="/messages"]').click();
		const row = ben.locator('#app .course-new');
		await row.getByText(secret).waitFor();
		await clear(ben, 'the list');
		await row.getByRole('link', { name: annName }).click();
		await letters(ben).getByText('Zanzibar').waitFor();
		await eventually(async () => assert.equal(await unread(ben), 'Messages'));
		await ben.getByRole('heading', { level: 1, name: annName }).waitFor();
	});

	await t.test('the answer arrives while the other looks', async () => {
		await field(ben, annName).fill('Yes, please!');
		await ben.getByRole('button', { name: 'Send' }).click();
		await letters(ben).getByText('Yes, please!').waitFor();
		// Coming back to the tab looks at once; nobody waits for the clock here.
		await ann.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
		await letters(ann).getByText('Yes, please!').waitFor();
		await ann.getByRole('status').getByText('A new message has arrived.').waitFor({ state: 'attached' });
		assert.deepEqual(await letters(ann).evaluateAll((all) => all.map((li) => li.classList.contains('letter-mine'))), [true, false]);
		await clear(ann, 'a conversation');
	});

	await t.test('it is edited and taken back', async () => {
		const mine = letters(ann).first();
		await mine.getByRole('button', { name: 'Edit' }).click();
		await ann.getByRole('textbox', { name: 'Edit your message' }).fill(`I have ${secret}.`);
		await clear(ann, 'while editing');
		await ann.getByRole('button', { name: 'Save' }).click();
		await mine.getByText('edited').waitFor();
		assert.equal(await letters(ann).last().getByRole('button', { name: 'Edit' }).count(), 0, 'what others wrote stays as it is');
		await field(ann, benName).fill('Forget this.');
		await ann.getByRole('button', { name: 'Send' }).click();
		await letters(ann).getByText('Forget this.').waitFor();
		await letters(ann).last().getByRole('button', { name: 'Take back' }).click();
		await ann.getByRole('dialog').waitFor();
		await clear(ann, 'before taking back');
		await ann.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
		await letters(ann).last().getByText('This message was taken back.').waitFor();
		await ben.reload();
		await letters(ben).getByText('This message was taken back.').waitFor();
		assert.equal(await ben.getByText('Forget this.').count(), 0);
	});

	await t.test('nobody else reads it, with whatever address', async () => {
		const eve = await visitor();
		await joinWithPassword(eve, fresh('eve'));
		for (const path of ['/messages', `/messages/${annName}`, `/messages/${benName}`, `/u/${annName}`, `/search?q=Zanzibar`]) {
			await eve.goto(path);
			await eve.locator('#app h1').first().waitFor();
			assert.doesNotMatch(await eve.content(), /Zanzibar seeds/, path);
		}
		await eve.context().close();
		const guest = await visitor();
		await guest.goto(`/messages/${annName}`);
		await guest.waitForURL('**/login?next=*');
		await guest.context().close();
	});

	await t.test('it can be read without JavaScript', async () => {
		const state = await ben.context().storageState();
		const plain = await visitor({ javaScriptEnabled: false, storageState: state });
		await plain.goto('/messages');
		await plain.locator('.course').getByRole('link', { name: annName }).click();
		const all = await plain.locator('.letter .body').allInnerTexts();
		assert.deepEqual(all, [`I have ${secret}.`, 'Yes, please!'], 'what was written first stands first');
		await plain.context().close();
	});

	await t.test('a draft waits for who wrote it, and for nobody else', async () => {
		await field(ann, benName).fill('Half a thought');
		await ann.goto('about:blank');
		await ann.goto(`/messages/${benName}`);
		await field(ann, benName).waitFor();
		assert.equal(await field(ann, benName).inputValue(), 'Half a thought');
		await signOut(ann);
		assert.equal(await ann.evaluate(() => Object.keys(localStorage).filter((k) => k.includes('message:')).length), 0);
	});

	await t.test('a conversation is put away, and the other keeps theirs', async () => {
		await ben.getByRole('button', { name: 'Put away' }).first().click();
		await ben.getByRole('dialog').getByRole('button', { name: 'Put away' }).click();
		await ben.waitForURL('**/messages');
		await ben.getByText('No messages yet').waitFor();
	});
	assert.deepEqual([...ann.errors, ...ben.errors], []);
	await ann.context().close();
	await ben.context().close();
});

test('who wants no messages gets none, and whoever writes is told why', async (t) => {
	const [quiet, loud] = [await visitor(still), await visitor(still)];
	const [quietName, loudName] = [fresh('quiet'), fresh('loud')];
	await joinWithPassword(quiet, quietName);
	await joinWithPassword(loud, loudName);

	await t.test('a choice in the settings', async () => {
		await quiet.goto('/settings');
		await quiet.getByLabel('Who may write to you?').selectOption({ label: 'People to whom you wrote first' });
		await quiet.locator('form').filter({ hasText: 'Who may write to you?' }).getByRole('button', { name: 'Save' }).click();
		await quiet.getByRole('status').getByText('Saved.').waitFor();
		await quiet.reload();
		await eventually(async () => assert.equal(await quiet.getByLabel('Who may write to you?').inputValue(), 'known'));
	});

	await t.test('refused before anything is written', async () => {
		await loud.goto(`/messages/${quietName}`);
		await loud.getByText(`${quietName} takes messages only from people to whom they wrote first.`).waitFor();
		assert.equal(await loud.getByRole('textbox', { name: /^Write to/ }).count(), 0);
		await clear(loud, 'where nothing can be written');
		await loud.goto(`/messages/${loudName}`);
		await loud.getByText('You cannot write to yourself.').waitFor();
	});

	await t.test('refused after it was written: the words stay', async () => {
		await quiet.goto(`/messages/${loudName}`);
		await api(quiet, 'PATCH', '/me', { messages_from: 'everybody' });
		await loud.goto(`/messages/${quietName}`);
		await loud.getByRole('textbox', { name: `Write to ${quietName}` }).fill('Buy hinges');
		await api(quiet, 'PATCH', '/me', { messages_from: 'nobody' });
		await loud.getByRole('button', { name: 'Send' }).click();
		await loud.getByRole('alert').getByText(`${quietName} takes no messages.`).waitFor();
		assert.equal(await loud.getByRole('textbox', { name: `Write to ${quietName}` }).inputValue(), 'Buy hinges');
		await api(quiet, 'PATCH', '/me', { messages_from: 'everybody' });
	});

	await t.test('who gets no answer stops after five', async () => {
		for (let i = 0; i < 4; i++) await api(loud, 'POST', `/conversations/${quietName}/messages`, { body: `Hinges ${i}` });
		await loud.goto(`/messages/${quietName}`);
		await loud.getByRole('textbox', { name: `Write to ${quietName}` }).fill('Hinges again');
		await loud.getByRole('button', { name: 'Send' }).click();
		await loud.getByText('Wait for an answer, or until tomorrow.').waitFor();
		assert.equal(await loud.locator('#app .letter').count(), 5);
	});

	await t.test('writing to a name that nobody has', async () => {
		await loud.goto('/messages');
		await loud.getByRole('button', { name: 'Write to them' }).click();
		await loud.getByText('Say whom.').waitFor();
		await loud.getByLabel('Write to', { exact: true }).fill('nobodyatall');
		await loud.keyboard.press('Enter');
		await loud.locator('.field-error').getByText('nobody called nobodyatall').waitFor();
		await clear(loud, 'nobody of that name');
		await loud.getByLabel('Write to', { exact: true }).fill(`@${quietName}`);
		await loud.keyboard.press('Enter');
		await loud.waitForURL(`**/messages/${quietName}`);
	});
	assert.deepEqual([...quiet.errors, ...loud.errors], []);
	await quiet.context().close();
	await loud.context().close();
});

test('a long conversation has pages', async () => {
	const [ann, ben] = [await visitor(still), await visitor(still)];
	const [annName, benName] = [fresh('una'), fresh('ugo')];
	await joinWithPassword(ann, annName);
	await joinWithPassword(ben, benName);
	for (let i = 0; i < 33; i++) {
		const [who, to] = i % 2 ? [ben, annName] : [ann, benName];
		await api(who, 'POST', `/conversations/${to}/messages`, { body: `Letter ${i}` });
	}
	await ann.goto(`/messages/${benName}`);
	const last = ann.locator('#app .letter').last();
	await last.getByText('Letter 32').waitFor();
	const seen = await last.evaluate((el) => el.getBoundingClientRect().top < innerHeight);
	assert.ok(seen, 'the newest is on the screen');
	await ann.getByRole('link', { name: 'Older messages' }).click();
	await ann.locator('#app .letter').first().getByText('Letter 0').waitFor();
	await ann.getByRole('link', { name: 'To the newest messages' }).click();
	await ann.getByText('Letter 32').waitFor();
	assert.deepEqual([...ann.errors, ...ben.errors], []);
	await ann.context().close();
	await ben.context().close();
});
