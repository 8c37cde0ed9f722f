// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

// Kinds of endpoints. They differ in one thing: an OTC desk must bring the last swap back before the next.
uint8 constant FIAT_CUSTODY = 0;
uint8 constant OTC_DESK = 1;
uint8 constant TOKENISED_FUND = 2;
uint8 constant SUBSCRIPTION_CONTRACT = 3;

/// @notice What an OfframpLedger is told once.
struct LedgerInit {
    address acl; // AccessControls of the Class
    address controller; // of the Class's PAU
    address almProxy; // its custody
    address reporter; // PositionReporter, which knows the attestors
    address book; // HaloBook, which takes the losses
    address factory; // sets the first endpoints until it seals the ledger; zero: sealed from the start
    bytes32 bufferHash; // code hash of an EndpointBuffer clone
}

/// @notice One place outside the chain that the Class may pay to.
struct EndpointConfig {
    address target; // who is paid
    uint8 kind; // 0 FIAT_CUSTODY, 1 OTC_DESK, 2 TOKENISED_FUND, 3 SUBSCRIPTION_CONTRACT
    address[] assets; // what may be paid and what may come back; all of one peg
    address buffer; // the EndpointBuffer into which it pays back
    uint256 maxInFlight; // most that is out and not yet confirmed, 18 decimals
    uint256 maxSlippage; // OTC_DESK: least part of a swap that must come back, 1e18 = all; zero: closed
    uint256 rechargeRate; // OTC_DESK: how fast a missing return is forgotten, 18 decimals per second
    bytes32 kycHash; // of the file on the counterparty
}

/// @notice Where the value paid to an endpoint is; 18 decimals.
struct Buckets {
    uint256 inFlight; // paid, neither a confirmed position nor back
    uint256 atCost; // confirmed positions, at what they cost
    uint256 unmatched; // cash that came back and is not attributed yet
}

/// @notice The state of an OTC desk; amounts with 18 decimals.
struct Desk {
    uint256 sent; // of the last swap
    uint256 claimed; // since the last swap
    uint64 sentAt; // UTC second of the last swap; zero before the first
    bool ready; // whether the next may go
}

/// @notice A quorum says: `amount` (18 decimals) that was in flight to `target` is now position `positionId`, at cost.
struct Acknowledgement {
    address target;
    uint256 amount;
    bytes32 positionId;
    uint64 nonce;
}

/// @notice A quorum says what cash that came back from `target` was; 18 decimals.
struct Match {
    address target;
    address asset; // in which the payment in flight was made: its limit gets room back
    uint256 inFlight; // of a payment that was returned
    uint256 position; // of a position: cost first, the rest is income
    bytes32 positionId;
    uint64 nonce;
}

// --- What the ledger stores ---

/// @notice An endpoint. A payment reads the first two words.
struct Endpoint {
    address buffer; // never zero for an endpoint that exists
    uint8 kind;
    bool active;
    uint64 maxSlippage;
    uint128 maxInFlight;
    uint128 rechargeRate;
    bytes32 kycHash;
    address[] assets; // all that ever were listed
}

/// @notice What an endpoint holds. `sent`, `sentAt` and `claimed` gate a desk; a payment to any other endpoint writes the
///         first word only.
struct Account {
    uint128 inFlight;
    uint64 payments;
    uint64 sentAt;
    uint128 atCost;
    uint128 unmatched;
    uint128 sent;
    uint128 claimed;
}

/// @notice An asset of an endpoint. One taken off may still come back.
struct Listing {
    uint64 scale; // 10^(18 - decimals); zero: never listed
    bool open; // may be paid
    uint128 credit; // returned payments for which the rate limit has not got its room back
}
