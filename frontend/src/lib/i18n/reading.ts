// What is said while another server is being read.
import { add } from './index.ts';
import words from './reading.json' with { type: 'json' };

add(words);
