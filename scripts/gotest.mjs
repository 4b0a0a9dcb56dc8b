// Reads what `go test -json` says and tells it shortly: a line for each package,
// the whole output of each test that fails, and in the file named by the
// argument how many passed, failed and were skipped. A test with subtests counts by these.
import { createInterface } from 'node:readline';
import { writeFileSync } from 'node:fs';

const count = { passed: 0, failed: 0, skipped: 0 };
const output = new Map(); // package, or package and test → lines
const parents = new Set(); // tests that have subtests
const ended = []; // [package, test, action]
const broken = new Set(); // packages with a failed test
const failedBelow = new Set(); // tests with a failed subtest

const key = (event) => `${event.Package ?? event.ImportPath} ${event.Test ?? ''}`;

function remember(event) {
	const lines = output.get(key(event)) ?? [];
	lines.push(event.Output);
	output.set(key(event), lines);
}

const said = (event) =>
	(output.get(key(event)) ?? []).filter((line) => !/^\s*(=== (RUN|PAUSE|CONT|NAME)|--- (FAIL|PASS))/.test(line)).join('');

const show = (event) => process.stdout.write(said(event));

function endOfTest(event) {
	ended.push([event.Package, event.Test, event.Action]);
	if (event.Action === 'fail') {
		broken.add(event.Package);
		const slash = event.Test.lastIndexOf('/');
		if (slash > 0) failedBelow.add(`${event.Package} ${event.Test.slice(0, slash)}`);
		// A parent fails with its subtests; only what it says itself is news.
		if (failedBelow.has(key(event)) && !said(event)) return;
		console.log(`  ✗ ${event.Package} ${event.Test}`);
		show(event);
	}
	output.delete(key(event));
}

function endOfPackage(event) {
	const name = event.Package.replace(/^drystone\//, '');
	if (event.Action === 'fail') {
		// No test failed, so the package did: it does not build, panicked, or
		// took too long.
		if (!broken.has(event.Package)) {
			count.failed++;
			if (event.FailedBuild) show({ Package: event.FailedBuild });
			// What the tests said that were running when it ended, then itself.
			for (const name of output.keys()) {
				const [Package, Test] = name.split(' ');
				if (Package === event.Package && Test) show({ Package, Test });
			}
			show(event);
		}
		console.log(`  ✗ ${name}`);
	} else if (event.Action === 'pass') {
		console.log(`  ✓ ${name} ${event.Elapsed.toFixed(1)} s`);
	}
	output.delete(key(event));
}

for await (const line of createInterface({ input: process.stdin })) {
	let event;
	try {
		event = JSON.parse(line);
	} catch {
		console.log(line);
		continue;
	}
	const slash = event.Test?.lastIndexOf('/') ?? -1;
	if (slash > 0) parents.add(`${event.Package} ${event.Test.slice(0, slash)}`);
	switch (event.Action) {
		case 'output':
		case 'build-output':
			remember(event);
			break;
		case 'pass':
		case 'fail':
		case 'skip':
			event.Test ? endOfTest(event) : endOfPackage(event);
	}
}

const outcome = { pass: 'passed', fail: 'failed', skip: 'skipped' };
for (const [pkg, test, action] of ended) {
	const name = `${pkg} ${test}`;
	if (parents.has(name) && (action !== 'fail' || failedBelow.has(name))) continue;
	count[outcome[action]]++;
}
writeFileSync(process.argv[2], `${count.passed} ${count.failed} ${count.skipped}\n`);
