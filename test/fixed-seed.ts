import { configureGlobal } from "fast-check";

// the same inputs for each mutant, and for each run of the same mutant; how small a counterexample is matters to nobody
configureGlobal({ seed: 20_260_101, endOnFailure: true, numRuns: 40 });
