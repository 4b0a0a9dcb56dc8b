// What is said where people keep something away, and where they read what is
// known of them.
import { add } from './index.ts';
import words from './keeping.json' with { type: 'json' };

add(words);
