// Shows what rings, and leads to it. It keeps nothing and answers no request.
addEventListener('push', (event) => {
	const { title, body, path, tag } = event.data.json();
	event.waitUntil(registration.showNotification(title, { body, tag, icon: '/favicon.svg', data: path }));
});

addEventListener('notificationclick', (event) => {
	event.notification.close();
	const address = new URL(event.notification.data, location.origin);
	if (address.origin !== location.origin) return;
	event.waitUntil(
		clients.matchAll({ type: 'window' }).then((pages) => {
			const open = pages.find((page) => page.url === address.href);
			return open ? open.focus() : clients.openWindow(address.href);
		})
	);
});
