// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { AclLike } from "src/lcts/AclLike.sol";
import {
    Account,
    Acknowledgement,
    Buckets,
    Desk,
    Endpoint,
    EndpointConfig,
    LedgerInit,
    Listing,
    Match,
    OTC_DESK,
    SUBSCRIPTION_CONTRACT
} from "src/offramp/OfframpTypes.sol";
import { Roles } from "src/pau/Roles.sol";

interface BufferLike {
    function almProxy() external view returns (address);
    function approveAsset(address token) external;
}

interface LossBookLike {
    function scale() external view returns (uint64);
    function nav() external view returns (uint256);
    function applyLoss(uint256 amount, bytes32 evidenceHash) external;
}

interface QuorumLike {
    function requireQuorum(bytes32 digest, address[] calldata signers, bytes[] calldata signatures)
        external
        view;
}

/// @title OfframpLedger: what a Class has outside the chain
/// @notice Holds the endpoints that a Class may pay to, and for each of them three buckets: in flight (paid, neither a
/// confirmed position nor back), at cost (confirmed positions) and unmatched (cash back, not yet attributed). The relayer
/// alone can have at most `maxInFlight` outside per endpoint, however long it tries: only a quorum of attestors, by
/// confirming a position or attributing a return, makes room again. The attestors alone move no money.
/// @dev All amounts have 18 decimals unless said otherwise. Assets have 6 to 18 decimals, so none is rounded. That the
/// assets of an endpoint are worth the same is not checked, there being no oracle: listing one is governance's decision.
contract OfframpLedger is Initializable, ReentrancyGuardTransient {
    using SafeCast for uint256;

    /// @notice The caller has not the role of the Class that this takes.
    error NotAuthorized(bytes32 role);
    /// @notice Only the Controller of the Class may call this.
    error NotController();
    /// @notice Only the factory may call this, and only once.
    error NotFactory(address caller);
    /// @notice A parameter has a value that the ledger cannot work with.
    error BadParameter(bytes32 name);
    /// @notice The endpoint cannot be set so, for the reason named.
    error BadEndpoint(bytes32 what);
    /// @notice The buffer may not change while something is in flight or, at a desk, a swap is open.
    error SwapInProgress(address target);
    /// @notice There is no such endpoint.
    error UnknownEndpoint(address target);
    /// @notice The endpoint is not there or is switched off: nothing may be paid to it.
    error EndpointInactive(address target);
    /// @notice The asset is not of this endpoint.
    error AssetNotListed(address target, address asset);
    /// @notice Payments, acknowledgements and matches are halted.
    error OfframpHalted();
    /// @notice A payment of nothing.
    error ZeroAmount();
    /// @notice With this payment `inFlight` would be out; the most is `max`.
    error InFlightCapExceeded(uint256 inFlight, uint256 max);
    /// @notice The desk owes: `returned` counts as back from the last swap, `needed` must be.
    error DeskNotReady(uint256 returned, uint256 needed);
    /// @notice The bucket holds less: `available`.
    error ExceedsBucket(uint256 available);
    /// @notice Statements are numbered without gaps; the next is `expected`.
    error BadNonce(uint64 expected);
    /// @notice Who can pay out must not confirm what was paid.
    error SignerIsAllocator(address signer);

    /// @notice The endpoint is now this, and active.
    event EndpointSet(address indexed target, EndpointConfig config);
    /// @notice Nothing may be paid to the endpoint any more.
    event EndpointDeactivated(address indexed target, address indexed by);
    /// @notice `amount` in flight became position `positionId`.
    event OfframpAcknowledged(
        address indexed target, bytes32 indexed positionId, uint256 amount, uint64 nonce
    );
    /// @notice Of the cash back, `inFlight` was a payment returned in `asset` and `position` came from `positionId`, of
    /// which `income` is above cost.
    event OfframpMatched(
        address indexed target,
        bytes32 indexed positionId,
        address asset,
        uint256 inFlight,
        uint256 position,
        uint256 income,
        uint64 nonce
    );
    /// @notice `amount` will not come back; the Book lost `loss` (units of its asset).
    event OfframpWrittenOff(
        address indexed target,
        uint256 amount,
        uint256 loss,
        bool fromInFlight,
        bytes32 evidenceHash,
        address by
    );
    /// @notice Payments, acknowledgements and matches stop.
    event Halted(address indexed by);
    /// @notice They go on.
    event Resumed(address indexed by);
    /// @notice The factory is done; from now on governance alone sets endpoints.
    event Sealed();

    /// @notice The most assets that an endpoint ever has.
    uint256 public constant MAX_ASSETS = 8;

    uint256 private constant WAD = 1e18;
    bytes32 private constant ACKNOWLEDGEMENT_TYPEHASH =
        keccak256("Acknowledgement(address target,uint256 amount,bytes32 positionId,uint64 nonce)");
    bytes32 private constant MATCH_TYPEHASH = keccak256(
        "Match(address target,address asset,uint256 inFlight,uint256 position,bytes32 positionId,uint64 nonce)"
    );
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("Halo Offramp Ledger");
    bytes32 private constant VERSION_HASH = keccak256("1");

    /// @notice The Controller of the Class's PAU, which alone books payments and returns.
    address public controller;
    /// @dev Beside the controller, which every payment reads: 79 billion at most, and one word less to write.
    uint96 private _inFlightTotal;
    /// @notice The AccessControls of the Class.
    address public acl;
    /// @notice Whether payments, acknowledgements and matches are stopped.
    bool public halted;
    /// @notice The number of the latest statement of the attestors; 0 before the first.
    uint64 public lastNonce;
    /// @notice The custody that pays and is paid back.
    address public almProxy;
    /// @notice The PositionReporter, which knows the attestors.
    address public reporter;
    /// @notice The Book that takes the losses.
    address public book;
    /// @notice The factory, which may set endpoints until it seals the ledger; zero from then on.
    address public factory;
    /// @notice Code hash that every endpoint's buffer must have.
    bytes32 public bufferHash;

    uint128 private _atCostTotal;
    uint128 private _unmatchedTotal;
    address[] private _targets;
    mapping(address target => Endpoint) private _endpoints;
    mapping(address target => Account) private _accounts;
    mapping(address target => mapping(address asset => Listing)) private _listings;
    /// @dev Two endpoints in one buffer could not be told apart. A buffer stays its endpoint's after a change.
    mapping(address buffer => address target) private _targetOf;

    modifier onlyController() {
        if (msg.sender != controller) revert NotController();
        _;
    }

    modifier whenNotHalted() {
        if (halted) revert OfframpHalted();
        _;
    }

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone. Once only. Reverts with BadParameter.
    function initialize(LedgerInit calldata p) external initializer {
        if (p.acl == address(0)) revert BadParameter("acl");
        if (p.controller == address(0)) revert BadParameter("controller");
        if (p.almProxy == address(0)) revert BadParameter("almProxy");
        if (p.reporter == address(0)) revert BadParameter("reporter");
        if (p.book == address(0)) revert BadParameter("book");
        if (p.bufferHash == bytes32(0)) revert BadParameter("bufferHash");
        acl = p.acl;
        controller = p.controller;
        almProxy = p.almProxy;
        reporter = p.reporter;
        book = p.book;
        factory = p.factory;
        bufferHash = p.bufferHash;
    }

    // --- Endpoints ---

    /// @notice Adds an endpoint or changes it, and makes it active. Assets left out may come back but not be paid.
    /// @dev Governance, or the factory until it seals. The buffer must be an EndpointBuffer clone bound to the Class's proxy
    /// and no other endpoint's. Reverts with BadEndpoint, SwapInProgress, and as a token without decimals() does.
    function setEndpoint(EndpointConfig calldata p) external nonReentrant {
        if (msg.sender != factory) _checkRole(Roles.DEFAULT_ADMIN);
        if (p.target == address(0) || p.target == almProxy || p.target.codehash == bufferHash) {
            revert BadEndpoint("target");
        }
        if (p.kind > SUBSCRIPTION_CONTRACT) revert BadEndpoint("kind");
        if (p.maxSlippage > WAD) revert BadEndpoint("maxSlippage");
        if (p.kind != OTC_DESK && (p.maxSlippage != 0 || p.rechargeRate != 0)) revert BadEndpoint("desk");
        if (p.maxInFlight > type(uint128).max) revert BadEndpoint("maxInFlight");
        if (p.rechargeRate > type(uint128).max) revert BadEndpoint("rechargeRate");

        Endpoint storage endpoint = _endpoints[p.target];
        bool isNew = endpoint.buffer == address(0);
        if (isNew) _targets.push(p.target);
        else if (endpoint.kind != p.kind) revert BadEndpoint("kind");
        if (isNew || endpoint.buffer != p.buffer) _setBuffer(endpoint, p.target, p.buffer);
        endpoint.kind = p.kind;
        endpoint.active = true;
        endpoint.maxSlippage = uint64(p.maxSlippage);
        endpoint.maxInFlight = uint128(p.maxInFlight);
        endpoint.rechargeRate = uint128(p.rechargeRate);
        endpoint.kycHash = p.kycHash;
        _setAssets(endpoint, p);
        emit EndpointSet(p.target, p);
    }

    /// @notice The factory gives up its right to set endpoints.
    /// @dev Factory only, once. Reverts with NotFactory.
    function seal() external nonReentrant {
        if (msg.sender != factory) revert NotFactory(msg.sender);
        factory = address(0);
        emit Sealed();
    }

    // --- Money, by the Controller ---

    /// @notice Books a payment of `amount` (asset units) that the Controller is about to make.
    /// @dev Controller only. Reverts with OfframpHalted, EndpointInactive, AssetNotListed, ZeroAmount, InFlightCapExceeded,
    /// DeskNotReady.
    /// @return normalized `amount` with 18 decimals, exact
    /// @return payment its number at this endpoint, from 1
    function onSend(address target, address asset, uint256 amount)
        external
        onlyController
        whenNotHalted
        nonReentrant
        returns (uint256 normalized, uint64 payment)
    {
        Endpoint storage endpoint = _endpoints[target];
        if (!endpoint.active) revert EndpointInactive(target);
        Listing storage listing = _listings[target][asset];
        if (!listing.open) revert AssetNotListed(target, asset);
        if (amount == 0) revert ZeroAmount();
        normalized = amount * listing.scale;

        Account storage account = _accounts[target];
        uint256 inFlight = account.inFlight + normalized;
        if (inFlight > endpoint.maxInFlight) revert InFlightCapExceeded(inFlight, endpoint.maxInFlight);
        if (endpoint.kind == OTC_DESK) {
            (uint256 returned, uint256 needed) = _deskDebt(endpoint, account);
            if (returned < needed) revert DeskNotReady(returned, needed);
            (account.sent, account.claimed) = (uint128(normalized), 0);
            account.sentAt = uint64(block.timestamp);
        }
        payment = account.payments + 1;
        (account.inFlight, account.payments) = (uint128(inFlight), payment);
        _inFlightTotal = (_inFlightTotal + normalized).toUint96();
    }

    /// @notice Books `amount` (asset units) that the Controller is about to take out of the endpoint's buffer.
    /// @dev Controller only; also for an endpoint switched off, and while halted: money may always come home. Reverts with
    /// AssetNotListed.
    /// @return normalized `amount` with 18 decimals, exact
    function onClaim(address target, address asset, uint256 amount)
        external
        onlyController
        nonReentrant
        returns (uint256 normalized)
    {
        uint256 scale = _listings[target][asset].scale;
        if (scale == 0) revert AssetNotListed(target, asset);
        normalized = amount * scale;
        Account storage account = _accounts[target];
        account.unmatched += normalized.toUint128();
        _unmatchedTotal += uint128(normalized);
        if (_endpoints[target].kind == OTC_DESK) account.claimed += uint128(normalized);
    }

    /// @notice Hands out, once, how much of the payments in `asset` was found to have come back, for the rate limit.
    /// @dev Controller only.
    function takeCredit(address target, address asset)
        external
        onlyController
        nonReentrant
        returns (uint256 credit)
    {
        Listing storage listing = _listings[target][asset];
        credit = listing.credit;
        if (credit != 0) listing.credit = 0;
    }

    // --- Statements of the attestors ---

    /// @notice A quorum confirms that money in flight became a position.
    /// @dev Anybody may bring it. Signers ascending, none of them an allocator. Reverts with OfframpHalted, BadNonce,
    /// SignerIsAllocator, ExceedsBucket, and as PositionReporter.requireQuorum does.
    function acknowledge(Acknowledgement calldata a, address[] calldata signers, bytes[] calldata signatures)
        external
        whenNotHalted
        nonReentrant
    {
        _useStatement(acknowledgementDigest(a), a.nonce, signers, signatures);
        Account storage account = _accounts[a.target];
        uint128 amount = _part(a.amount, account.inFlight);
        account.inFlight -= amount;
        account.atCost += amount;
        _inFlightTotal -= uint96(amount);
        _atCostTotal += amount;
        emit OfframpAcknowledged(a.target, a.positionId, a.amount, a.nonce);
    }

    /// @notice A quorum attributes cash that came back: to a payment in flight, which frees room under the cap and, at the
    /// next claim or sync, in the rate limit of `asset`; to a position, at cost as far as there is any, the rest being income.
    /// @dev As `acknowledge`; reverts with AssetNotListed too.
    function matchReturn(Match calldata m, address[] calldata signers, bytes[] calldata signatures)
        external
        whenNotHalted
        nonReentrant
    {
        _useStatement(matchDigest(m), m.nonce, signers, signatures);
        Listing storage listing = _listings[m.target][m.asset];
        if (listing.scale == 0) revert AssetNotListed(m.target, m.asset);
        Account storage account = _accounts[m.target];
        _attribute(account, Math.saturatingAdd(m.inFlight, m.position));
        uint128 back = _part(m.inFlight, account.inFlight);
        uint128 cost = uint128(Math.min(m.position, account.atCost));
        account.inFlight -= back;
        account.atCost -= cost;
        listing.credit += back;
        _inFlightTotal -= uint96(back);
        _atCostTotal -= cost;
        emit OfframpMatched(
            m.target, m.positionId, m.asset, m.inFlight, m.position, m.position - cost, m.nonce
        );
    }

    // --- Losses and stops ---

    /// @notice Gives up `amount` that was in flight or at cost; the Book loses it in the same transaction.
    /// @dev Conserver or governance. The loss is `amount` in the Book's asset, rounded up, and at most its NAV: what reports
    /// took off to the end is not taken off twice. The bucket stays written off even if the second key refuses the Book's
    /// loss: the endpoint then has room for `amount` more under its cap, no rate limit has, and a report can no longer
    /// call that money in flight, only a position above cost, which asks for a second key. Whoever refuses the loss
    /// switches the endpoint off or lowers its cap. Reverts with NotAuthorized, ExceedsBucket, and as the Book does.
    function writeOff(address target, uint256 amount, bool fromInFlight, bytes32 evidenceHash)
        external
        nonReentrant
    {
        if (!_hasRole(Roles.CONSERVER)) _checkRole(Roles.DEFAULT_ADMIN);
        Account storage account = _accounts[target];
        if (fromInFlight) {
            account.inFlight -= _part(amount, account.inFlight);
            _inFlightTotal -= uint96(amount);
        } else {
            account.atCost -= _part(amount, account.atCost);
            _atCostTotal -= uint128(amount);
        }
        LossBookLike book_ = LossBookLike(book);
        uint256 loss = Math.min(Math.ceilDiv(amount, book_.scale()), book_.nav());
        emit OfframpWrittenOff(target, amount, loss, fromInFlight, evidenceHash, msg.sender);
        book_.applyLoss(loss, evidenceHash);
    }

    /// @notice Stops payments to an endpoint at once. What it holds can be confirmed, matched and claimed as before;
    /// `setEndpoint` switches it on again.
    /// @dev Freezer, conserver or governance. Reverts with NotAuthorized, UnknownEndpoint.
    function deactivate(address target) external nonReentrant {
        _checkMayStop();
        if (_endpoints[target].buffer == address(0)) revert UnknownEndpoint(target);
        _endpoints[target].active = false;
        emit EndpointDeactivated(target, msg.sender);
    }

    /// @notice Stops payments to all endpoints, and the statements that make room for more. Claims go on.
    /// @dev Freezer, conserver or governance. Reverts with NotAuthorized.
    function halt() external nonReentrant {
        _checkMayStop();
        halted = true;
        emit Halted(msg.sender);
    }

    /// @notice Ends a halt.
    /// @dev Governance only. Reverts with NotAuthorized.
    function resume() external nonReentrant {
        _checkRole(Roles.DEFAULT_ADMIN);
        halted = false;
        emit Resumed(msg.sender);
    }

    // --- Views ---

    /// @notice What is paid and neither confirmed nor back, over all endpoints.
    function inFlightTotal() external view returns (uint256) {
        return _inFlightTotal;
    }

    /// @notice Confirmed positions at cost, over all endpoints.
    function atCostTotal() external view returns (uint256) {
        return _atCostTotal;
    }

    /// @notice Cash back that no statement has attributed yet, over all endpoints: in custody already, and still counted
    /// in flight or at cost.
    function unmatchedTotal() external view returns (uint256) {
        return _unmatchedTotal;
    }

    /// @notice The buckets of an endpoint; zero for one that is not there.
    function bucketsOf(address target) external view returns (Buckets memory) {
        Account storage account = _accounts[target];
        return Buckets(account.inFlight, account.atCost, account.unmatched);
    }

    /// @notice An endpoint as it was set, and whether it may be paid; all zero for one that is not there.
    function endpointOf(address target) external view returns (EndpointConfig memory config, bool active) {
        Endpoint storage endpoint = _endpoints[target];
        if (endpoint.buffer == address(0)) return (config, false);
        config = EndpointConfig({
            target: target,
            kind: endpoint.kind,
            assets: _openAssets(target, endpoint.assets),
            buffer: endpoint.buffer,
            maxInFlight: endpoint.maxInFlight,
            maxSlippage: endpoint.maxSlippage,
            rechargeRate: endpoint.rechargeRate,
            kycHash: endpoint.kycHash
        });
        active = endpoint.active;
    }

    /// @notice Where an endpoint pays back.
    /// @dev Reverts with UnknownEndpoint.
    function bufferOf(address target) external view returns (address buffer) {
        buffer = _endpoints[target].buffer;
        if (buffer == address(0)) revert UnknownEndpoint(target);
    }

    /// @notice Every asset that an endpoint was ever listed with: what may come back from it.
    function assetsOf(address target) external view returns (address[] memory) {
        return _endpoints[target].assets;
    }

    /// @notice The state of a desk. `ready` says whether enough of its last swap is back or forgotten; no other kind of
    /// endpoint has to wait, so it is always true for them.
    function deskOf(address target) external view returns (Desk memory) {
        Account storage account = _accounts[target];
        Endpoint storage endpoint = _endpoints[target];
        bool ready = endpoint.buffer != address(0);
        if (endpoint.kind == OTC_DESK) {
            (uint256 returned, uint256 needed) = _deskDebt(endpoint, account);
            ready = returned >= needed;
        }
        return Desk(account.sent, account.claimed, account.sentAt, ready);
    }

    /// @notice How many payments went to an endpoint.
    function paymentsOf(address target) external view returns (uint64) {
        return _accounts[target].payments;
    }

    /// @notice Returned payments in `asset` for which the rate limit has not got its room back yet.
    function creditOf(address target, address asset) external view returns (uint256) {
        return _listings[target][asset].credit;
    }

    /// @notice All endpoints, in the order in which they were added.
    function targets() external view returns (address[] memory) {
        return _targets;
    }

    /// @notice What attestors sign to confirm a position: an EIP-712 digest for this contract on this chain.
    function acknowledgementDigest(Acknowledgement calldata a) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(ACKNOWLEDGEMENT_TYPEHASH, a)));
    }

    /// @notice What attestors sign to attribute a return: an EIP-712 digest for this contract on this chain.
    function matchDigest(Match calldata m) public view returns (bytes32) {
        return _digest(keccak256(abi.encode(MATCH_TYPEHASH, m)));
    }

    /// @notice The EIP-712 domain: name "Halo Offramp Ledger", version "1", this chain, this contract.
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    // --- Checks ---

    function _setBuffer(Endpoint storage endpoint, address target, address buffer) private {
        if (buffer.codehash != bufferHash) revert BadEndpoint("buffer");
        if (BufferLike(buffer).almProxy() != almProxy) revert BadEndpoint("buffer");
        address owner = _targetOf[buffer];
        if (owner != address(0) && owner != target) revert BadEndpoint("buffer");
        if (endpoint.buffer != address(0)) {
            Account storage account = _accounts[target];
            (uint256 returned, uint256 needed) = _deskDebt(endpoint, account);
            // A closed desk never gets ready, but one that was never used owes nothing.
            bool owes = endpoint.kind == OTC_DESK && account.sentAt != 0 && returned < needed;
            if (account.inFlight != 0 || owes) revert SwapInProgress(target);
        }
        _targetOf[buffer] = target;
        endpoint.buffer = buffer;
    }

    function _setAssets(Endpoint storage endpoint, EndpointConfig calldata p) private {
        if (p.assets.length == 0) revert BadEndpoint("assets");
        for (uint256 i; i < endpoint.assets.length; ++i) {
            _listings[p.target][endpoint.assets[i]].open = false;
        }
        for (uint256 i; i < p.assets.length; ++i) {
            address asset = p.assets[i];
            Listing storage listing = _listings[p.target][asset];
            if (listing.open) revert BadEndpoint("assets");
            if (listing.scale == 0) {
                uint8 decimals = IERC20Metadata(asset).decimals();
                if (decimals < 6 || decimals > 18) revert BadEndpoint("decimals");
                if (endpoint.assets.length == MAX_ASSETS) revert BadEndpoint("assets");
                listing.scale = uint64(10 ** (18 - decimals));
                endpoint.assets.push(asset);
            }
            listing.open = true;
            BufferLike(p.buffer).approveAsset(asset);
        }
    }

    function _openAssets(address target, address[] storage assets)
        private
        view
        returns (address[] memory open)
    {
        open = new address[](assets.length);
        uint256 count;
        for (uint256 i; i < assets.length; ++i) {
            if (_listings[target][assets[i]].open) open[count++] = assets[i];
        }
        // Only shortens the array, which was made for all.
        assembly ("memory-safe") {
            mstore(open, count)
        }
    }

    /// @dev What counts as back from the last swap, and what must be (rounded up). A desk without a least part is closed.
    function _deskDebt(Endpoint storage endpoint, Account storage account)
        private
        view
        returns (uint256 returned, uint256 needed)
    {
        uint256 least = endpoint.maxSlippage;
        if (least == 0) return (0, type(uint256).max);
        returned = account.claimed + (block.timestamp - account.sentAt) * endpoint.rechargeRate;
        needed = Math.mulDiv(account.sent, least, WAD, Math.Rounding.Ceil);
    }

    function _useStatement(
        bytes32 digest,
        uint64 nonce,
        address[] calldata signers,
        bytes[] calldata signatures
    ) private {
        if (nonce != lastNonce + 1) revert BadNonce(lastNonce + 1);
        lastNonce = nonce;
        for (uint256 i; i < signers.length; ++i) {
            if (AclLike(acl).hasRole(Roles.ALLOCATOR, signers[i])) revert SignerIsAllocator(signers[i]);
        }
        QuorumLike(reporter).requireQuorum(digest, signers, signatures);
    }

    function _attribute(Account storage account, uint256 amount) private {
        uint128 found = _part(amount, account.unmatched);
        account.unmatched -= found;
        _unmatchedTotal -= found;
    }

    function _part(uint256 amount, uint256 available) private pure returns (uint128) {
        if (amount > available) revert ExceedsBucket(available);
        return uint128(amount);
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), structHash);
    }

    function _checkMayStop() private view {
        if (!_hasRole(Roles.CONSERVER) && !_hasRole(Roles.DEFAULT_ADMIN)) _checkRole(Roles.FREEZER);
    }

    function _checkRole(bytes32 role) private view {
        if (!_hasRole(role)) revert NotAuthorized(role);
    }

    function _hasRole(bytes32 role) private view returns (bool) {
        return AclLike(acl).hasRole(role, msg.sender);
    }
}
