// How people guard their accounts, and get back in when they lost something.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { base, fresh, joinWithPassword, password, signedIn, signOut, visitor, withBrowser, withoutAutofill } from './browser.mjs';

withBrowser();

/** A person's devices: one is at hand at a time, and each keeps its passkeys. */
async function devices(page) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('WebAuthn.enable', { enableUI: false });
	const drawer = new Map();
	let at;
	return {
		async take(name) {
			if (at) {
				drawer.set(at.name, (await cdp.send('WebAuthn.getCredentials', { authenticatorId: at.id })).credentials);
				await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: at.id });
			}
			const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
				options: {
					protocol: 'ctap2',
					transport: 'internal',
					hasResidentKey: true,
					hasUserVerification: true,
					isUserVerified: true,
					automaticPresenceSimulation: true
				}
			});
			for (const credential of drawer.get(name) ?? []) {
				await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
			}
			at = { name, id: authenticatorId };
		}
	};
}

/** What an app shows for a secret, so many half minutes from now. */
function shown(secret, steps = 0) {
	const bits = [...secret.replace(/\s/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
	const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
	const sum = createHmac('sha1', key).update(counter).digest();
	const at = sum[19] & 15;
	return String((sum.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const part = (page, title) => page.locator('section', { has: page.getByRole('heading', { level: 2, name: title, exact: true }) });

async function joinWithPasskey(page, name) {
	await page.goto('/join');
	await page.locator('#app').getByLabel('Name', { exact: true }).fill(name);
	await page.getByRole('button', { name: 'Join with a passkey' }).click();
	await signedIn(page, name);
}

async function signInWithPasskey(page, name) {
	await page.goto('/login');
	await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
	await signedIn(page, name);
}

async function recoveryCodes(page) {
	await page.goto('/settings/security');
	const there = part(page, 'Recovery codes');
	await there.getByRole('button', { name: /^Make (recovery codes|new ones)$/ }).click();
	await there.locator('ol code').nth(9).waitFor();
	return there.locator('ol code').allTextContents();
}

test('two passkeys on two devices open one account, and get names', async () => {
	const page = await visitor();
	const name = fresh('wren');
	await withoutAutofill(page);
	const mine = await devices(page);
	await mine.take('laptop');
	await joinWithPasskey(page, name);

	await page.goto('/settings/security');
	const keys = part(page, 'Passkeys');
	await keys.getByText('This is your only key').waitFor();
	await mine.take('phone');
	await keys.getByLabel('Name for a new passkey').fill('Phone');
	await keys.getByRole('button', { name: 'Add a passkey' }).click();
	await keys.getByText('Phone', { exact: true }).waitFor();
	await keys.getByRole('button', { name: 'Rename the passkey Phone' }).click();
	await keys.getByLabel('New name for Phone').fill('Old phone');
	await keys.getByRole('button', { name: 'Save' }).click();
	await keys.getByText('Old phone', { exact: true }).waitFor();

	await signOut(page);
	await signInWithPasskey(page, name);
	await signOut(page);
	await mine.take('laptop');
	await signInWithPasskey(page, name);

	await page.goto('/settings/security');
	await keys.getByRole('button', { name: 'Remove the passkey Old phone' }).click();
	await keys.getByText('This is your only key').waitFor();
	await signOut(page);
	await mine.take('phone');
	await page.goto('/login');
	await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
	await page.getByText('This passkey does not sign you in here.').waitFor();
	await page.context().close();
});

test('the name field offers the passkey by itself', async () => {
	const page = await visitor();
	const name = fresh('finch');
	await (await devices(page)).take('laptop');
	await joinWithPasskey(page, name);
	await page.request.delete('/api/v1/session', { headers: { 'Sec-Fetch-Site': 'same-origin' } });
	await page.goto('/login?next=/explore');
	await signedIn(page, name);
	await page.waitForURL('**/explore');
	await page.context().close();
});

test('who lost their passkey comes back by a recovery code, once, and makes another', async () => {
	const page = await visitor();
	const name = fresh('swift');
	await withoutAutofill(page);
	const mine = await devices(page);
	await mine.take('lost');
	await joinWithPasskey(page, name);
	const codes = await recoveryCodes(page);
	assert.equal(new Set(codes).size, 10);
	await signOut(page);
	await mine.take('new');

	const comeBack = async (code) => {
		await page.goto('/login');
		await page.getByRole('link', { name: 'I lost my passkey or my codes' }).click();
		await page.getByRole('heading', { level: 1, name: 'Sign in with a recovery code' }).waitFor();
		await page.getByLabel('Name', { exact: true }).fill(name);
		await page.getByLabel('Recovery code').fill(code);
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	};
	await comeBack(codes[0].toUpperCase().replaceAll('-', ' '));
	await page.waitForURL('**/settings/security');
	const keys = part(page, 'Passkeys');
	await keys.getByLabel('Name for a new passkey').fill('New one');
	await keys.getByRole('button', { name: 'Add a passkey' }).click();
	await keys.getByText('New one', { exact: true }).waitFor();
	await keys.getByRole('button', { name: 'Remove the passkey Passkey' }).click();
	await keys.getByText('This is your only key').waitFor();
	await part(page, 'Recovery codes').getByText('9 codes are left').waitFor();
	await page.goto('/notifications');
	await page.getByText('Somebody signed in with one of your recovery codes.').waitFor();

	await signOut(page);
	await comeBack(codes[0]);
	await page.getByText('the code was used before').waitFor();
	await signInWithPasskey(page, name);
	await page.context().close();
});

test('what is dangerous asks who is there, and then is done', async () => {
	const page = await visitor();
	const name = fresh('robin');
	await withoutAutofill(page);
	await (await devices(page)).take('laptop');
	await joinWithPassword(page, name);
	await page.goto('/settings/security');

	// As ten minutes later: the server's own tests wait, a browser need not.
	const later = async (path) => {
		let asked = false;
		await page.route(path, (route) => {
			if (asked) return route.continue();
			asked = true;
			return route.fulfill({
				status: 403,
				contentType: 'application/problem+json',
				body: JSON.stringify({ status: 403, code: 'confirmation_required', detail: 'Confirm that it is you, and then try again.' })
			});
		});
	};
	const keys = part(page, 'Passkeys');
	const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
	const before = (await page.context().cookies()).find((c) => c.name.endsWith('drystone')).value;

	await later('**/api/v1/passkeys/begin');
	await keys.getByLabel('Name for a new passkey').fill('Key');
	await keys.getByRole('button', { name: 'Add a passkey' }).click();
	await dialog.getByLabel('Your password').fill('not the password');
	await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
	await dialog.getByText('The password is wrong.').waitFor();
	await dialog.getByLabel('Your password').fill(password);
	await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
	await keys.getByText('Key', { exact: true }).waitFor();
	assert.equal(await dialog.count(), 0);
	const after = (await page.context().cookies()).find((c) => c.name.endsWith('drystone')).value;
	assert.notEqual(after, before);

	// Whoever closes it is asked for nothing more, and nothing happens.
	await page.unrouteAll();
	await later('**/api/v1/me/password');
	const secret = part(page, 'Password');
	await secret.getByRole('button', { name: 'Use passkeys only' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click();
	await dialog.waitFor();
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	await page.getByText('Confirm that it is you, and then try again.').waitFor();

	// And by the passkey.
	await page.unrouteAll();
	await later('**/api/v1/me/password');
	await secret.getByRole('button', { name: 'Use passkeys only' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click();
	await dialog.getByRole('button', { name: 'Use a passkey' }).click();
	await secret.getByText('You have no password').waitFor();
	await page.context().close();
});

test('a password is changed, and asks for a code beside it', async (t) => {
	const page = await visitor();
	const name = fresh('crane');
	await withoutAutofill(page);
	await joinWithPassword(page, name);
	await page.goto('/settings/security');
	const other = 'nine copes under lime';
	let secret;
	let codes;

	await t.test('not to one that everybody tries', async () => {
		const there = part(page, 'Password');
		await there.getByLabel('New password').fill('Password123!');
		await there.getByRole('button', { name: 'Change the password' }).click();
		await there.getByText('among the first passwords').waitFor();
		assert.equal(await there.getByLabel('New password').getAttribute('aria-invalid'), 'true');
		await there.getByLabel('New password').fill(other);
		await there.getByRole('button', { name: 'Change the password' }).click();
		await page.getByText('The new password works from now on.').waitFor();
	});

	await t.test('sets an app up', async () => {
		const there = part(page, 'Codes beside the password');
		await there.getByRole('button', { name: 'Set up an app' }).click();
		const picture = there.getByRole('img', { name: 'QR code for your app' });
		assert.ok(await picture.evaluate((img) => img.complete && img.naturalWidth > 0));
		secret = await there.locator('code').textContent();
		await there.getByLabel('The code that it shows now').fill('000 000');
		await there.getByRole('button', { name: 'Ask for codes from now on' }).click();
		await there.getByText('That is not the code').waitFor();
		await there.getByLabel('The code that it shows now').fill(shown(secret));
		await there.getByRole('button', { name: 'Ask for codes from now on' }).click();
		await there.getByText('Your password needs a code beside it').waitFor();
		codes = await part(page, 'Recovery codes').locator('ol code').allTextContents();
		assert.equal(codes.length, 10);
	});

	await t.test('signs in in two steps', async () => {
		await signOut(page);
		await page.goto('/login?next=/explore');
		await page.locator('#app').getByLabel('Name', { exact: true }).fill(name);
		await page.getByLabel('Password', { exact: true }).fill(other);
		assert.equal(await page.getByLabel('Code', { exact: true }).count(), 0);
		await page.getByRole('button', { name: 'Sign in with a password' }).click();
		await page.getByLabel('Code', { exact: true }).fill(shown(secret, 1));
		await page.keyboard.press('Enter');
		await signedIn(page, name);
		await page.waitForURL('**/explore');
	});

	await t.test('without JavaScript, too, and with a code on paper', async () => {
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto('/login?next=/explore');
		await plain.getByLabel('Name', { exact: true }).fill(name);
		await plain.getByLabel('Password', { exact: true }).fill(other);
		await plain.getByRole('button', { name: 'Sign in', exact: true }).click();
		await plain.getByRole('alert').getByText('Enter the code').waitFor();
		assert.equal(await plain.getByLabel('Name', { exact: true }).inputValue(), name);
		await plain.getByLabel('Password', { exact: true }).fill(other);
		await plain.getByLabel('Code', { exact: true }).fill(codes[0]);
		await plain.getByRole('button', { name: 'Sign in', exact: true }).click();
		await plain.waitForURL(`${base}/explore`);
		assert.equal((await (await plain.request.get('/api/v1/me')).json()).name, name);
		await plain.context().close();
	});

	await t.test('signs out everywhere else', async () => {
		await page.goto('/settings/security');
		const there = part(page, 'Where you are signed in');
		await there.getByRole('button', { name: 'Sign out there' }).first().waitFor();
		await there.getByRole('button', { name: 'Sign out everywhere else' }).click();
		await page.getByText('Every other browser is signed out.').waitFor();
		assert.equal(await there.getByRole('listitem').count(), 1);
		await there.getByText('This browser').waitFor();
	});
	await page.context().close();
});
