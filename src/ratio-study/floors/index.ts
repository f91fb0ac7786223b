import type { Floor } from "../valuer.ts";
import { originalRule, type Premium } from "./original.ts";
import { areaRooms, projectRooms } from "./per-sqm.ts";

/** New floors for one study: they keep what they learn. Without premiums there is no floor that has them. */
export function standardFloors(premiums: readonly Premium[] = []): Floor[] {
	const withPremiums = premiums.length === 0 ? [] : [originalRule(premiums)];
	return [areaRooms(), projectRooms(), ...withPremiums, originalRule()];
}
