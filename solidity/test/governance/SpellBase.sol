// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { HaloSpellGuard, SpellGuardInit } from "src/governance/HaloSpellGuard.sol";
import { HaloSubProxy } from "src/governance/HaloSubProxy.sol";
import { HaloToken, TokenInit } from "src/governance/HaloToken.sol";
import { HatInit, TokenHat } from "src/governance/TokenHat.sol";
import { Test } from "test/base/Test.sol";
import { CallSpell, Ledger } from "test/mocks/governance/Spells.sol";

/// @notice A SubProxy under its guard, with and without a token, and something for spells to do.
abstract contract SpellBase is Test {
    uint32 internal constant DELAY = 2 days;
    uint32 internal constant MAX_DELAY = 7 days;
    uint256 internal constant SUPPLY = 1_000_000e18;
    uint256 internal constant QUORUM = 400_000e18;

    address internal parent = makeAddr("parent");
    address internal sky = makeAddr("sky");
    address internal canceller = makeAddr("canceller");
    address internal holder = makeAddr("holder");
    address internal stranger = makeAddr("stranger");

    HaloSubProxy internal subProxy;
    HaloSpellGuard internal guard;
    HaloToken internal token;
    TokenHat internal hat;
    Ledger internal ledger;
    address internal spell;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(100);
        ledger = new Ledger();
        (subProxy, guard) = newHalo(address(0));
        spell = noteSpell("one");
    }

    function newHalo(address hat_) internal returns (HaloSubProxy proxy, HaloSpellGuard made) {
        proxy = new HaloSubProxy(address(this));
        made = HaloSpellGuard(Clones.clone(address(new HaloSpellGuard())));
        made.initialize(guardInit(address(proxy), hat_));
        proxy.rely(address(made));
        proxy.deny(address(this));
    }

    function guardInit(address proxy, address hat_) internal view returns (SpellGuardInit memory p) {
        p.subProxy = proxy;
        p.parent = parent;
        p.sky = sky;
        p.hat = hat_;
        p.delay = DELAY;
        p.maxDelay = MAX_DELAY;
        p.cancellers = new address[](1);
        p.cancellers[0] = canceller;
    }

    /// @dev Replaces the Halo by one whose token holders have a say; `holder` has all tokens.
    function withToken() internal {
        token = HaloToken(Clones.clone(address(new HaloToken())));
        token.initialize(TokenInit("Acme", "ACME", SUPPLY, holder));
        hat = TokenHat(Clones.clone(address(new TokenHat())));
        (subProxy, guard) = newHalo(address(hat));
        hat.initialize(HatInit(address(guard), address(token), QUORUM));
        vm.prank(holder);
        token.approve(address(hat), type(uint256).max);
    }

    function noteSpell(bytes32 salt) internal returns (address) {
        return address(new CallSpell(address(ledger), abi.encodeCall(Ledger.note, ()), salt));
    }

    function plot(address spell_) internal {
        vm.prank(parent);
        guard.plot(spell_, spell_.codehash);
    }

    function ripen() internal {
        vm.warp(guard.plotted().eta);
    }

    function ran() internal view returns (uint256) {
        return ledger.calls(address(subProxy));
    }
}
