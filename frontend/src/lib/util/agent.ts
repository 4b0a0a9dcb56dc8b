import { t } from '../i18n/index.ts';
import '../i18n/settings.ts';

/** "Firefox on Linux", from what a browser says about itself. */
export function agentName(agent: string): string {
	// The order matters: most browsers also claim to be the ones they imitate.
	const browser = first(agent, [
		[/Edg\//, 'Edge'],
		[/OPR\//, 'Opera'],
		[/Firefox\/|FxiOS/, 'Firefox'],
		[/(Headless)?Chrom(e|ium)\/|CriOS/, 'Chrome'],
		[/Safari\//, 'Safari']
	]);
	const system = first(agent, [
		[/Android/, 'Android'],
		[/iPhone|iPad/, 'iOS'],
		[/Windows/, 'Windows'],
		[/Mac OS X|Macintosh/, 'macOS'],
		[/CrOS/, 'ChromeOS'],
		[/Linux|X11/, 'Linux']
	]);
	if (browser && system) return t('sessions.agent', { browser, system });
	return browser || system || agent.slice(0, 60);
}

function first(text: string, names: [RegExp, string][]): string {
	return names.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}
