// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloSpellGuard, Plotted } from "src/governance/HaloSpellGuard.sol";
import { HaloSubProxy } from "src/governance/HaloSubProxy.sol";
import { TokenHat } from "src/governance/TokenHat.sol";
import { SpellBase } from "test/governance/SpellBase.sol";
import { Test } from "test/base/Test.sol";
import { CallSpell, Ledger } from "test/mocks/governance/Spells.sol";

/// @notice Everyone who has to do with a Halo's spells, at random, and what of it was allowed to have effect.
contract SpellHandler is Test {
    struct Actors {
        address parent;
        address sky;
        address canceller;
        address holder;
        address stranger;
    }

    HaloSubProxy private _subProxy;
    HaloSpellGuard private _guard;
    TokenHat private _hat;
    Actors private _actors;
    address[] private _spells;
    bytes[] private _codes;

    /// @notice Spells that the guard took, each to run at most once.
    uint256 public plots;
    /// @notice Spells that ran.
    uint256 public executions;
    /// @notice Executions that should not have been.
    uint256 public wrong;

    constructor(
        HaloSubProxy subProxy,
        HaloSpellGuard guard,
        TokenHat hat,
        Actors memory actors,
        Ledger ledger
    ) {
        (_subProxy, _guard, _hat, _actors) = (subProxy, guard, hat, actors);
        for (uint256 i; i < 3; ++i) {
            bytes32 salt = bytes32(i + 1);
            _spells.push(address(new CallSpell(address(ledger), abi.encodeCall(Ledger.note, ()), salt)));
            _codes.push(_spells[i].code);
        }
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 4 days));
        vm.roll(block.number + 1);
    }

    function plot(uint256 who, uint256 which) external {
        address spell = _spells[which % 3];
        vm.prank(_anyone(who));
        try _guard.plot(spell, spell.codehash) {
            ++plots;
        } catch { }
    }

    /// @dev Another code comes to a spell's address, or the old one comes back.
    function morph(uint256 which, uint256 code) external {
        vm.etch(_spells[which % 3], code % 4 == 3 ? bytes("") : _codes[code % 3]);
    }

    function halt(uint256 who, uint256 what, uint256 time) external {
        vm.startPrank(_anyone(who));
        if (what % 4 == 0) {
            try _guard.drop() { } catch { }
        } else if (what % 4 == 1) {
            try _guard.cancel() { } catch { }
        } else if (what % 4 == 2) {
            try _guard.freeze(bound(time, 1, 7 days)) { } catch { }
        } else {
            try _guard.thaw() { } catch { }
        }
        vm.stopPrank();
    }

    function vote(uint256 which, bool lift) external {
        vm.prank(_actors.holder);
        _hat.vote(_spells[which % 3].codehash);
        if (lift) try _hat.lift() { } catch { }
    }

    function exec(uint256 who) external {
        Plotted memory p = _guard.plotted();
        bool allowed = p.spell != address(0) && block.timestamp >= p.eta && block.timestamp <= p.deadline
            && block.timestamp >= _guard.frozenUntil() && p.spell.codehash == p.tag
            && (p.forced || p.approved);
        vm.prank(_anyone(who));
        try _guard.exec() {
            ++executions;
            if (!allowed || _guard.plotted().spell != address(0)) ++wrong;
        } catch {
            if (allowed) ++wrong;
        }
    }

    /// @dev The SubProxy hears nobody but the guard, whoever asks.
    function bypass(uint256 who, uint256 which) external {
        bytes memory data = abi.encodeCall(CallSpell.execute, ());
        vm.startPrank(_anyone(who));
        try _subProxy.exec(_spells[which % 3], data) {
            ++wrong;
        } catch { }
        try _subProxy.rely(msg.sender) {
            ++wrong;
        } catch { }
        // A spell called for itself is nobody in particular.
        (bool ok,) = _spells[which % 3].call(data);
        ok;
        vm.stopPrank();
    }

    function _anyone(uint256 who) private view returns (address) {
        address[5] memory all =
            [_actors.parent, _actors.sky, _actors.canceller, _actors.holder, _actors.stranger];
        return all[who % 5];
    }
}

/// @dev I33: a spell executes at most once for each time it is plotted, with the code that was plotted, within its time,
/// and nothing outside the guard makes the SubProxy act.
contract SpellInvariantsTest is SpellBase {
    SpellHandler private handler;

    function setUp() public override {
        super.setUp();
        withToken();
        vm.prank(holder);
        hat.lock(QUORUM);
        SpellHandler.Actors memory actors = SpellHandler.Actors(parent, sky, canceller, holder, stranger);
        handler = new SpellHandler(subProxy, guard, hat, actors, ledger);
        targetContract(address(handler));
    }

    function invariant_I33_spells() public view {
        vm.assertEq(handler.wrong(), 0, "something ran that should not, or did not that should");
        vm.assertEq(ran(), handler.executions(), "the SubProxy acted by its guard alone");
        vm.assertLe(handler.executions(), handler.plots(), "once for each plot");
        vm.assertEq(subProxy.wards(address(guard)), 1, "the guard is the ward");
    }
}
