// What is said where apps and tokens are looked after.
import { add } from './index.ts';
import words from './apps.json' with { type: 'json' };

add(words);
