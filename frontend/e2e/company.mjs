// A company's sign-in for stories: an OpenID Connect provider over real HTTP,
// with a page that asks who one is.
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const b64 = (data) => Buffer.from(data).toString('base64url');

/** Starts a provider with people by their subject, and ends it after t. */
export async function company(t, people) {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const codes = new Map();
	let issuer;

	const sign = (claims) => {
		const body = `${b64(JSON.stringify({ alg: 'RS256', kid: 'one', typ: 'JWT' }))}.${b64(JSON.stringify(claims))}`;
		return `${body}.${createSign('RSA-SHA256').update(body).sign(privateKey, 'base64url')}`;
	};
	const standing = () => {
		const now = Math.floor(Date.now() / 1000);
		return { iss: issuer, aud: 'drystone', iat: now, exp: now + 300 };
	};
	const json = (response, status, value) => {
		response.writeHead(status, { 'Content-Type': 'application/json' });
		response.end(JSON.stringify(value));
	};
	const pages = {
		'/.well-known/openid-configuration': (_, response) =>
			json(response, 200, {
				issuer,
				authorization_endpoint: `${issuer}/authorize`,
				token_endpoint: `${issuer}/token`,
				jwks_uri: `${issuer}/keys`,
				response_types_supported: ['code'],
				subject_types_supported: ['public'],
				id_token_signing_alg_values_supported: ['RS256']
			}),
		'/keys': (_, response) =>
			json(response, 200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] }),
		'/authorize': ({ query }, response) => {
			const who = query.get('who');
			if (!who) {
				const links = [...Object.keys(people), 'refuse'].map((name) => {
					const again = new URLSearchParams(query);
					again.set('who', name);
					return `<li><a href="/authorize?${again.toString().replaceAll('&', '&amp;')}">${name}</a></li>`;
				});
				response.writeHead(200, { 'Content-Type': 'text/html' });
				response.end(`<!doctype html><html lang="en"><title>Who are you?</title><h1>Who are you?</h1><ul>${links.join('')}</ul>`);
				return;
			}
			const back = new URL(query.get('redirect_uri'));
			back.searchParams.set('state', query.get('state'));
			if (who === 'refuse') back.searchParams.set('error', 'access_denied');
			else {
				const code = randomBytes(16).toString('hex');
				codes.set(code, { who, nonce: query.get('nonce'), challenge: query.get('code_challenge') });
				back.searchParams.set('code', code);
			}
			response.writeHead(302, { Location: back.href });
			response.end();
		},
		'/token': ({ form }, response) => {
			const asked = codes.get(form.get('code'));
			codes.delete(form.get('code'));
			const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
			if (!asked || asked.challenge !== challenge) return json(response, 400, { error: 'invalid_grant' });
			json(response, 200, {
				access_token: 'opaque',
				token_type: 'Bearer',
				expires_in: 300,
				id_token: sign({ ...standing(), sub: asked.who, nonce: asked.nonce, ...people[asked.who] })
			});
		}
	};
	const server = createServer(async (request, response) => {
		const url = new URL(request.url, 'http://localhost');
		let body = '';
		for await (const part of request) body += part;
		const page = pages[url.pathname];
		if (page) page({ query: url.searchParams, form: new URLSearchParams(body) }, response);
		else json(response, 404, {});
	});
	await new Promise((resolve) => server.listen(0, 'localhost', resolve));
	issuer = `http://localhost:${server.address().port}`;
	t.after(() => server.close());
	return {
		settings: {
			DRYSTONE_OIDC_ISSUER: issuer,
			DRYSTONE_OIDC_CLIENT_ID: 'drystone',
			DRYSTONE_OIDC_CLIENT_SECRET: 'between us',
			DRYSTONE_OIDC_NAME: 'Quarry Ltd'
		},
		logoutToken: (sub) =>
			sign({
				...standing(),
				sub,
				jti: randomBytes(8).toString('hex'),
				events: { 'http://schemas.openid.net/event/backchannel-logout': {} }
			})
	};
}
