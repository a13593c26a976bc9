import fc from "fast-check";

// The same cases in every run, so that a change is judged by what it changes. FC_SEED=$RANDOM npm test tries others; a failure
// prints its seed.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
