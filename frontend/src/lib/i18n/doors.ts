// What is said at the doors: joining, signing in, passkeys.
import { add } from './index.ts';
import words from './doors.json' with { type: 'json' };

add(words);
