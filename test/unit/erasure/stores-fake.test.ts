import { TransientError } from "../../../functions/core/domain/errors.ts";
import { personalStoreSuite } from "../../contract/suites/personal-store.ts";
import { createFakePersonalStore, type FakeStep } from "../../support/fakes/fake-personal-store.ts";

personalStoreSuite("in memory", async () => {
  let hook: ((step: FakeStep) => void) | undefined;
  const store = createFakePersonalStore({ batch: 20, onStep: (step) => hook?.(step) });
  return {
    store,
    async place(data) {
      for (const { user_id, generation, count = 1, canary = "hola" } of data) {
        for (let nth = 0; nth < count; nth += 1)
          store.put({ user_id, generation, name: `${generation}-${nth}`, value: { text: canary } });
      }
    },
    heldOf: async (userId) => store.held.filter(({ user_id }) => user_id === userId).length,
    raw: async () => JSON.stringify(store.held),
    many: 100,
    steps: 5,
    dying(at) {
      let moments = 0;
      return {
        ...store,
        async erase(targets, pace) {
          hook = ({ moment }) => {
            if (moment !== "read" && moments++ === at) throw new TransientError("killed");
          };
          return store.erase(targets, pace).finally(() => {
            hook = undefined;
          });
        },
      };
    },
    away: createFakePersonalStore({
      onStep() {
        throw new TransientError("memory: away: start it again");
      },
    }),
    name: /memory/,
  };
});
